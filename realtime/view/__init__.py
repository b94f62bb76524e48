"""What is to be seen, as values: the state, the keys, what they do (`actions`) and say (`told`), and the scene."""

"""What is to be seen, as values: the view's state, the keys that change it, and the scene that is drawn from it."""

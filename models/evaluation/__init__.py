"""How good a network is: its answers on a split, the figures they come to, and the pictures of them."""

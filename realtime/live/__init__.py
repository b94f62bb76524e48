"""The viewer: sources that are watched as they come, the window, and the loop between them."""

"""A first look at a data set: how many, how big, how balanced, how clean, and what it looks like."""

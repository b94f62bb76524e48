"""Results of many films as one: a data set with its manifest, and what can be said about all films together."""

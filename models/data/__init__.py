"""Data sets of labelled faces: readers that yield records, and the arrays that training is fed from."""

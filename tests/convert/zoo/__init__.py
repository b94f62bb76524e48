"""Classifiers of every kind, converted and compared with autograd: `python -m tests.convert.zoo`, no test itself."""

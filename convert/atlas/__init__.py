"""What each filter looks for: the input that excites it most, what in real pictures does, what it says about classes."""

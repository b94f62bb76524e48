"""What each filter looks for: what excites it most, made up and in real pictures, and what it says about classes."""

"""Which heatmap tells the truth: deletion and insertion curves, baselines, and the randomised-weights check."""

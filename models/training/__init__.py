"""The training loop, in parts: batches, the step, averages, checkpoints, the run's folder."""

"""One file a network; `ARCHITECTURES` is the table that `--arch` chooses from."""

"""The networks: how they are built, trained and measured, and the trained files that are shipped."""

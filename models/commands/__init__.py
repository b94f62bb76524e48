"""The subcommands that train, look at, and judge networks."""

"""The subcommands of the runtime, one file each; `realtime.cli` loads them on use."""

"""The subcommands of the runtime, one file each; `emoscope.cli` loads them on use."""

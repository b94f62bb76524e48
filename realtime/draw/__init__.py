"""Drawing: every file one idea, all of it made of patches (see `patch`); `picture` puts them together."""

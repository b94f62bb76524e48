"""The search for better settings: short runs, the poor ones stopped early, all in one study that resumes."""

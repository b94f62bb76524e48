"""Figures, charts and summaries: what is left to look at when the work is done."""

"""Networks side by side, each as the pair that the runtime runs: figures, confusion, heat on the same faces."""

"""Networks side by side, each as the bundle that the runtime runs: figures, confusion, heat on the same faces."""

"""One camera: its settings, where its snapshots come from, the looks at it."""

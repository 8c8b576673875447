"""Know before building: predicts what an architecture will cost on this machine."""

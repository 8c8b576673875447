"""Other engines, one module each, all set up for the lowest latency of one picture at a time."""

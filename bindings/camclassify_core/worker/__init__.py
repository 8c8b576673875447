"""The child process that hosts the engine, and its client: the two sides of one pipe."""

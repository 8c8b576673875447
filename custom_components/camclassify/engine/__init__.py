"""The engine that all cameras share, and what it needs to run here."""

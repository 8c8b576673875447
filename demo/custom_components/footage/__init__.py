"""Cameras that play recorded footage."""

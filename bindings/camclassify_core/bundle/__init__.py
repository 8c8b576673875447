"""Bundles: the networks and classes that an engine loads (docs/bundle.md)."""

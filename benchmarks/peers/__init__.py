"""CamClassify and other engines at the same work, side by side (docs/performance.md)."""

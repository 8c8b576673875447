"""The forms in which cameras are added and changed."""

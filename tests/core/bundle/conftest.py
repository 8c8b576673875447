"""The default bundle's networks, and pictures for them."""

from ..default_networks import object_graph, object_picture, scene_graph, scene_picture

__all__ = ["object_graph", "object_picture", "scene_graph", "scene_picture"]

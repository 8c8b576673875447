"""`camclassify bundle import`: a bundle around anybody's ONNX detector or classifier."""

from .importer import ImportOptions, import_model

__all__ = ["ImportOptions", "import_model"]

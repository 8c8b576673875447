"""A server that answers many homes, in the Open Inference Protocol (docs/serving.md)."""

"""Networks as graphs: ONNX files, the fused ops, int8, and what all of it should compute."""

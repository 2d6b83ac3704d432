"""Frozen stages as an ONNX graph."""

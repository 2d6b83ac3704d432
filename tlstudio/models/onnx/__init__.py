"""Translates frozen stages to ONNX graphs."""

"""ONNX: graphs of a classifier and its preprocessing, their files, and how these are used again."""

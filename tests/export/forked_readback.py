"""The program that reads exports back, with the libraries imported that most formats need."""

import onnxruntime  # noqa: F401

from tlstudio.export.readback import main  # noqa: F401

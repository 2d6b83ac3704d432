"""The real engine, with what its first training would import."""

import torch._dynamo  # noqa: F401

import tlstudio.engine.warm_up
import tlstudio.training.run.run  # noqa: F401
from tlstudio.engine.__main__ import main  # noqa: F401

"""The fixtures of the training tests, for what training is built on."""

from tests.training.conftest import same_threads, tiny

__all__ = ["same_threads", "tiny"]

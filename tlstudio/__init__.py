"""tlstudio: transfer learning for people who know images but do not program."""

__version__ = "0.1.0"

"""Words for how far a training reaches down into the backbone."""

from __future__ import annotations


def readable(stage: str) -> str:
    """A stage's name without dots and underscores: "blocks.6" becomes "blocks 6"."""
    return stage.replace(".", " ").replace("_", " ")


def line_words(freeze: str) -> str:
    """Describe a freeze line, as in "only the head", "everything" or "from blocks 6 up"."""
    return {"head": "only the head", "none": "everything"}.get(freeze, f"from {readable(freeze)} up")


def tried_words(freeze: str, option: str | None = None) -> str:
    """Describe what "Choose for me" tried, as in "from blocks 6 up, with crops".

    Args:
        freeze: Its freeze line.
        option: Name of the setting in which it differs from others with this line, if any.
    """
    return line_words(freeze) + (f", {option}" if option else "")

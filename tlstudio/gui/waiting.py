"""Says what a job waits for: the engine does one after the other."""

from __future__ import annotations

from tlstudio.gui.engine_client import Job


def waiting_words(ahead: Job) -> str:
    """Name the job that has to end first.

    Args:
        ahead: It runs now.
    """
    from tlstudio.specs import OPERATIONS  # brings pydantic, which would delay the first window

    return f"Waits for: {OPERATIONS.get(ahead.operation).title}."

"""Says what a job waits for: the engine does one after the other."""

from __future__ import annotations

from tlstudio.gui.engine_client import Job


def waiting_words(ahead: Job) -> str:
    """Name the job that has to end first.

    Args:
        ahead: It runs now.
    """
    from tlstudio.specs import OPERATIONS  # brings pydantic, which would delay the first window

    title = OPERATIONS.get(ahead.operation).title
    return f"Waits until this has stopped: {title}." if ahead.is_cancelling else f"Waits for: {title}."

"""What the window says to the engine process: one JSON line each. The answers are events (core/events.py)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Wish = Literal["cancel", "stop", "pause", "resume"]
"""What a person may want of a running job; see core/control.py."""

WISHES: tuple[Wish, ...] = ("cancel", "stop", "pause", "resume")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """Start a job.

    Attributes:
        job_id: Chosen by the asker; the `run_id` of every event of this job.
        kind: Name of the job, a key of the engine's table.
        arguments: Plain JSON values.
    """

    job_id: str
    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobWish:
    """Cancel, stop, pause or resume a job that was requested."""

    job_id: str
    wish: Wish


def message_to_json(message: JobRequest | JobWish) -> str:
    """One line of JSON, without the line end."""
    return json.dumps(asdict(message), ensure_ascii=True)


def message_from_json(line: str) -> JobRequest | JobWish:
    """Read back what `message_to_json` wrote.

    Raises:
        ValueError: The line is no message.
    """
    values = json.loads(line)
    try:
        if "wish" in values:
            if values["wish"] not in WISHES:
                raise ValueError(f"no such wish: {values['wish']!r}")
            return JobWish(**values)
        return JobRequest(**values)
    except TypeError as error:
        raise ValueError(f"not a message: {line[:80]!r}") from error

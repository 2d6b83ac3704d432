"""What the window says to the engine process: one JSON line each. The answers are events (core/events.py)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Command = Literal["cancel", "stop", "pause", "resume"]
"""What a person may want of a running job; see core/control.py."""

COMMANDS: tuple[Command, ...] = ("cancel", "stop", "pause", "resume")


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
class JobCommand:
    """Cancel, stop, pause or resume a job that was requested."""

    job_id: str
    command: Command


def message_to_json(message: JobRequest | JobCommand) -> str:
    """One line of JSON, without the line end."""
    return json.dumps(asdict(message), ensure_ascii=True)


def message_from_json(line: str) -> JobRequest | JobCommand:
    """Read back what `message_to_json` wrote.

    Raises:
        ValueError: The line is no message.
    """
    values = json.loads(line)
    try:
        if "command" in values:
            if values["command"] not in COMMANDS:
                raise ValueError(f"no such command: {values['command']!r}")
            return JobCommand(**values)
        return JobRequest(**values)
    except TypeError as error:
        raise ValueError(f"not a message: {line[:80]!r}") from error

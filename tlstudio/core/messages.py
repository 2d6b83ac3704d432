"""Messages from the window to the engine process, one JSON line each; the engine replies with events."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Command = Literal["cancel", "stop", "pause", "resume"]
"""Commands to a running job; see core/control.py."""

COMMANDS: tuple[Command, ...] = ("cancel", "stop", "pause", "resume")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """Request to start a job.

    Attributes:
        job_id: Chosen by the sender; the `run_id` of every event of this job.
        operation: Id of the operation to run.
        arguments: The operation's arguments as plain JSON values.
    """

    job_id: str
    operation: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCommand:
    """Command to a job that was requested: cancel, stop, pause or resume."""

    job_id: str
    command: Command


def message_to_json(message: JobRequest | JobCommand) -> str:
    """Write a message as one line of JSON, without the line end."""
    return json.dumps(asdict(message), ensure_ascii=True)


def message_from_json(line: str) -> JobRequest | JobCommand:
    """Read a message that `message_to_json` wrote.

    Raises:
        ValueError: The line is not a message.
    """
    values = json.loads(line)
    try:
        if not isinstance(values["job_id"], str):
            raise ValueError(f"not the id of a job: {values['job_id']!r}")
        if "command" in values:
            if values["command"] not in COMMANDS:
                raise ValueError(f"no such command: {values['command']!r}")
            return JobCommand(**values)
        return JobRequest(**values)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a message: {line[:80]!r}") from error

"""The context of an operation: the receiver of its events, and its control."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, ignore

Values = dict[str, Any]
"""Plain JSON values: what every operation returns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Context of a running operation: everything it gets besides its arguments.

    Attributes:
        run_id: Written into every event.
        emit: Receives the events.
        control: Cancels, pauses, resumes or stops the operation.
    """

    run_id: str
    emit: Emit = ignore
    control: Control = field(default_factory=Control)

"""A person's own words about runs; they lie in the project, so that run folders stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tlstudio.core.typed_values import read_dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNote:
    """The words of a person about a run.

    Attributes:
        title: Its name; empty for the one that comes from its folder.
        text: A note; empty for none.
        is_starred: Whether it is marked by a star.
    """

    title: str = ""
    text: str = ""
    is_starred: bool = False


Notes = Mapping[str, RunNote]
"""Notes by the name of the run's folder; runs without any are not among them."""


def read_notes(values: Mapping[str, Any]) -> dict[str, RunNote]:
    """Read what `notes_values` returned; entries that are none are left out."""
    notes = {}
    for run, value in values.items():
        try:
            notes[run] = read_dataclass(RunNote, value)
        except ValueError:
            continue
    return notes


def notes_values(notes: Notes) -> dict[str, Any]:
    """Notes as plain JSON values, without empty ones."""
    return {run: asdict(note) for run, note in notes.items() if note != RunNote()}

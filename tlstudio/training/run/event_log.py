"""Writes the events of a run to its folder, and collects the warnings among them."""

from __future__ import annotations

from tlstudio.core.events import BatchEnded, Emit, EpochEnded, Event, StageProgress, WarningRaised, to_json
from tlstudio.core.files import write_text
from tlstudio.project.runs import RunFolder


class RunLog:
    """An `Emit` that passes events on and writes them to events.jsonl.

    Batches and progress are passed on but not written: an epoch holds what a curve needs, and a line per
    batch would outgrow everything else in the run folder. Every event is flushed to the file at once.

    Args:
        run: Run folder; events of earlier sessions are kept.
        emit: Receives the events as well.

    Attributes:
        warnings: Messages of all warnings of the run, each once, in order.
    """

    def __init__(self, run: RunFolder, *, emit: Emit) -> None:
        self._run = run
        self._emit = emit
        self.warnings: list[str] = []
        self._latest: EpochEnded | None = None
        for event in run.read_events():
            self._note(event)

    def __call__(self, event: Event) -> None:
        """Write an event and pass it on, unless it is a warning that was given before."""
        if isinstance(event, WarningRaised) and event.message in self.warnings:
            return
        if isinstance(event, EpochEnded) and self._latest is not None and _replaces(event, self._latest):
            self._remove_replaced_by(event)
        self._note(event)
        if not isinstance(event, (BatchEnded, StageProgress)):
            self._run.append_event(event)
        self._emit(event)

    def _note(self, event: Event) -> None:
        if isinstance(event, WarningRaised) and event.message not in self.warnings:
            self.warnings.append(event.message)
        if isinstance(event, EpochEnded):
            self._latest = event

    def _remove_replaced_by(self, new: EpochEnded) -> None:
        """Remove epochs of an earlier session that came after its last checkpoint: they are trained again."""
        kept = [
            event
            for event in self._run.read_events()
            if not (isinstance(event, EpochEnded) and _replaces(new, event))
        ]
        write_text(self._run.events, "".join(to_json(event) + "\n" for event in kept))


def _replaces(new: EpochEnded, old: EpochEnded) -> bool:
    """Return whether a new epoch is an old one again, or one before it, in the same phase of training."""
    return new.epoch <= old.epoch and new.is_same_curve(old)

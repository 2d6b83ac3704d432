"""The run's own copy of its events, and the warnings among them."""

from __future__ import annotations

from tlstudio.core.events import BatchEnded, Emit, EpochEnded, Event, StageProgress, WarningRaised, to_json
from tlstudio.core.files import write_text
from tlstudio.project.runs import RunFolder


class RunLog:
    """An `Emit` that passes events on and writes them to events.jsonl.

    Batches and progress are passed on but not written: an epoch says what a curve needs, and a file line per
    batch would outgrow everything else in the run. What is written is on its way to the disk at once.

    Args:
        run: Its folder; events of an earlier sitting are kept.
        emit: Whoever else listens.
    """

    def __init__(self, run: RunFolder, *, emit: Emit) -> None:
        self._run = run
        self._emit = emit
        self.warnings: list[str] = []
        self._last_epoch = -1
        for event in run.read_events():
            self._note(event)

    def __call__(self, event: Event) -> None:
        """Write and pass on; a warning that was given before is not given again."""
        if isinstance(event, WarningRaised) and event.message in self.warnings:
            return
        if isinstance(event, EpochEnded) and event.epoch <= self._last_epoch:
            self._forget_epochs_from(event.epoch)
        self._note(event)
        if not isinstance(event, (BatchEnded, StageProgress)):
            self._run.append_event(event)
        self._emit(event)

    def _note(self, event: Event) -> None:
        if isinstance(event, WarningRaised) and event.message not in self.warnings:
            self.warnings.append(event.message)
        if isinstance(event, EpochEnded):
            self._last_epoch = event.epoch

    def _forget_epochs_from(self, epoch: int) -> None:
        """Take out epochs of an earlier sitting that came after its last checkpoint: they come again now."""
        kept = [
            event
            for event in self._run.read_events()
            if not (isinstance(event, EpochEnded) and event.epoch >= epoch)
        ]
        write_text(self._run.events, "".join(to_json(event) + "\n" for event in kept))

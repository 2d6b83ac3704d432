"""The folder of a run: its fixed files and its lock; listing the runs of a project.

`recipe.json, split.csv, images.csv, test-images.csv, events.jsonl, checkpoints/{last,best}.safetensors,
predictions.csv, metrics.json, comparisons.json, label-scores.json, held-out.csv, asking.json,
environment.json`, and `exports/`, `report.html` when made. Other programs rely on these names.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tlstudio.core.errors import UserError, from_os_error
from tlstudio.core.events import CheckpointSaved, Event, from_json, to_json
from tlstudio.core.files import name_in_errors
from tlstudio.core.portable_paths import portable_path
from tlstudio.core.text_files import parse_json, read_text
from tlstudio.core.wording import count

log = logging.getLogger(__name__)

MAKE_AGAIN = "It is made again when the training is resumed."
"""Mend for a damaged file that can be made again from the checkpoint."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one run.

    Attributes:
        path: Absolute path of the folder.
    """

    path: Path

    @property
    def recipe(self) -> Path:
        """All settings of the run."""
        return self.path / "recipe.json"

    @property
    def split(self) -> Path:
        """The split of the images."""
        return self.path / "split.csv"

    @property
    def images(self) -> Path:
        """Hashes of the training and validation images; older runs have none."""
        return self.path / "images.csv"

    @property
    def test_images(self) -> Path:
        """Hashes of the test images; older runs have none."""
        return self.path / "test-images.csv"

    @property
    def events(self) -> Path:
        """The stream of events, one JSON line each."""
        return self.path / "events.jsonl"

    @property
    def last_checkpoint(self) -> Path:
        """The training state from which a run resumes."""
        return self.path / "checkpoints" / "last.safetensors"

    @property
    def best_checkpoint(self) -> Path:
        """The complete classifier with the best weights; it is evaluated and exported."""
        return self.path / "checkpoints" / "best.safetensors"

    @property
    def predictions(self) -> Path:
        """Predicted probabilities of every validation and test image."""
        return self.path / "predictions.csv"

    @property
    def metrics(self) -> Path:
        """The metrics of validation and test."""
        return self.path / "metrics.json"

    @property
    def comparisons(self) -> Path:
        """The comparisons of the classifier with others; runs that compared nothing have none."""
        return self.path / "comparisons.json"

    @property
    def label_scores(self) -> Path:
        """Scores of the labels by the others; runs of too many images, and older ones, have none."""
        return self.path / "label-scores.json"

    @property
    def held_out(self) -> Path:
        """Predictions for images that the classifier learned from, by others that did not."""
        return self.path / "held-out.csv"

    @property
    def asking(self) -> Path:
        """The probability below which an answer is left to a person; older runs have none."""
        return self.path / "asking.json"

    @property
    def environment(self) -> Path:
        """Computer, versions, threads."""
        return self.path / "environment.json"

    @property
    def exports(self) -> Path:
        """Folder of exported models."""
        return self.path / "exports"

    @property
    def report(self) -> Path:
        """The HTML report."""
        return self.path / "report.html"

    @property
    def finished(self) -> bool:
        """True if the run has its metrics, which are written last."""
        return self.metrics.exists()

    def trained_model(self) -> Path:
        """The checkpoint to evaluate, export and classify with.

        Raises:
            UserError: The run has none yet.
        """
        if not self.best_checkpoint.exists():
            raise UserError(
                f"The run {self.path} has no trained model yet.",
                mend="To finish it, resume the training.",
            )
        return self.best_checkpoint

    def create(self) -> None:
        """Make the folder.

        Raises:
            UserError: It cannot be made or written.
        """
        try:
            (self.path / "checkpoints").mkdir(parents=True, exist_ok=True)
            probe = self.path / ".writable"
            probe.touch()
            probe.unlink()
        except OSError as error:
            user_error = from_os_error(error)
            raise UserError(
                f"The run folder {self.path} cannot be written: {user_error.what}", mend=user_error.mend
            ) from error

    def remove_unbegun(self) -> None:
        """Remove what a refused attempt left that never became a run; nothing of a run is touched."""
        if self.recipe.exists():
            return
        with suppress(OSError):  # other files in it are somebody else's
            for file in (self.events, self.path / ".lock"):
                file.unlink(missing_ok=True)
            self.last_checkpoint.parent.rmdir()
            self.path.rmdir()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock the run for this process; the system releases the lock even after a kill.

        Raises:
            UserError: Another process is working on this run.
        """
        lock = FileLock(self.path / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise UserError(
                f"Another tlstudio is working on the run {self.path}.",
                mend="Wait until it ends, or choose another run folder.",
            ) from error
        try:
            yield
        finally:
            lock.release()

    def append_event(self, event: Event) -> None:
        """Append one line to events.jsonl, after ending a last line left incomplete by a kill."""
        if isinstance(event, CheckpointSaved):
            event = replace(event, path=portable_path(Path(event.path), base=self.path))
        with name_in_errors(self.events), self.events.open("a+b") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0, end - 1))
            incomplete = end > 0 and file.read(1) != b"\n"
            file.write((("\n" if incomplete else "") + to_json(event) + "\n").encode())

    def read_events(self) -> list[Event]:
        """Read all events so far; incomplete lines, left by a kill, are skipped."""
        return self.read_events_and_damage()[0]

    def read_events_and_damage(self) -> tuple[list[Event], str]:
        """Read all events, and say how many lines cannot be read; empty when all can."""
        events, unreadable = self._parse_events()
        if not unreadable:
            return events, ""
        return events, (
            f"{count(unreadable, 'line')} of {self.events.name} could not be read, cut off when the training "
            "was interrupted or damaged later; curves and warnings may be incomplete."
        )

    def _parse_events(self) -> tuple[list[Event], int]:
        if not self.events.exists():
            return [], 0
        events, unreadable = [], 0
        for line in self.events.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                events.append(from_json(line))
            except (ValueError, TypeError):
                log.info("skipped an incomplete line of %s", self.events)
                unreadable += 1
        return events, unreadable

    def read_json(self, path: Path) -> dict[str, Any]:
        """Read one of the folder's JSON files.

        Raises:
            UserError: It is missing or damaged.
        """
        try:
            value = parse_json(read_text(path))
        except FileNotFoundError as error:
            raise UserError(
                f"{self.path} has no {path.name}.",
                mend="Give the folder of a finished run, or resume the training of this one.",
            ) from error
        except ValueError as error:  # not JSON, or not text
            raise UserError(f"{path} is damaged.", mend=MAKE_AGAIN) from error
        if not isinstance(value, dict):
            raise UserError(f"{path} is damaged.", mend=MAKE_AGAIN)
        return value


def open_run(path: Path) -> RunFolder:
    """Open the run in a folder.

    Raises:
        UserError: There is no run.
    """
    run = RunFolder(path.resolve())
    if not run.recipe.exists():
        raise UserError(
            f"There is no run in {path} (no recipe.json).", mend="Give the folder that a training wrote."
        )
    return run


def list_runs(folder: Path) -> list[RunFolder]:
    """List the runs of a folder by their number, oldest first."""
    if not folder.is_dir():
        return []
    runs = [RunFolder(path) for path in folder.iterdir() if (path / "recipe.json").exists()]
    return sorted(runs, key=lambda run: (len(run.path.name), run.path.name))


def next_run(folder: Path) -> RunFolder:
    """The first unused `run-N` of a folder."""
    number = 1
    while (folder / f"run-{number}").exists():
        number += 1
    return RunFolder((folder / f"run-{number}").resolve())

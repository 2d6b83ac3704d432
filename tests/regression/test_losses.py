"""Losses of tiny runs as they were when they were known to be right; a change here is a change of results.

The tolerance covers other processors and builds of torch, not other mathematics. To renew the figures after
a change that is meant, print `losses(...)` and say in the changelog why they moved.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.training.tiny import Photos, train
from tlstudio.core.events import EpochEnded, Event

PROBE: dict[str, Any] = {}
FINE: dict[str, Any] = {
    "strategy": "fine-tune",
    "freeze": "blocks.6",
    "epochs": 3,
    "optimiser": {"batch_size": 6},
}


def losses(photos: Photos, run: Path, **recipe: Any) -> list[tuple[float | None, float | None]]:
    events: list[Event] = []
    train(photos(), run, emit=events.append, **recipe)
    return [(e.train_loss, e.validation_loss) for e in events if isinstance(e, EpochEnded)]


def test_a_linear_probe_fits_as_it_did(photos: Photos, tmp_path: Path):
    known = [
        (0.17191, 0.19643), (0.07340, 0.08971), (0.02973, 0.03912), (0.01161, 0.01655), (0.00441, 0.00686),
        (0.00164, 0.00280), (0.00060, 0.00113), (0.00021, 0.00045), (0.00008, 0.00018), (0.00003, 0.00007),
    ]  # fmt: skip
    got = losses(photos, tmp_path / "run", **PROBE)
    assert [train for train, _ in got] == pytest.approx([train for train, _ in known], rel=0.02, abs=2e-5)
    assert [loss for _, loss in got] == pytest.approx([loss for _, loss in known], rel=0.02, abs=2e-5)


def test_fine_tuning_learns_as_it_did(photos: Photos, tmp_path: Path):
    known = [(None, 0.00007), (0.60570, 0.11583), (0.34408, 0.25460), (0.39386, 0.23426)]
    got = losses(photos, tmp_path / "run", **FINE)
    assert got[0][0] is None
    assert [train for train, _ in got[1:]] == pytest.approx([train for train, _ in known[1:]], rel=0.05)
    assert [loss for _, loss in got] == pytest.approx([loss for _, loss in known], rel=0.1, abs=2e-5)

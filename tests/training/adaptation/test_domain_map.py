"""The map shows two places apart, and together once each is standardised."""

from __future__ import annotations

import torch

from tests.training.adaptation.made import domains
from tlstudio.core.events import MapPanel, from_json, to_json
from tlstudio.evaluation.two_sample import difference_of
from tlstudio.training.adaptation.domain_map import MOST_POINTS, map_of
from tlstudio.training.adaptation.domains import Domains


def distance(panel: MapPanel) -> float:
    """Between the centres of both places, relative to how far their points are spread."""
    here, there = (torch.tensor(points, dtype=torch.float64) for points in (panel.here, panel.there))
    return float((here.mean(dim=0) - there.mean(dim=0)).norm() / here.std())


def mapped(made: Domains):
    found = difference_of(made.source, made.target, seed=0)
    return map_of(made, before=found, after=found, run_id="r")


def test_places_lie_apart_before_and_together_after():
    made, _ = domains()
    found = mapped(made)
    assert distance(found.before) > 1.5
    assert distance(found.after) < 0.5
    assert (len(found.before.here), len(found.before.there)) == (90, 90)
    flat = [
        value
        for panel in (found.before, found.after)
        for point in (*panel.here, *panel.there)
        for value in point
    ]
    assert max(map(abs, flat)) == 1.0
    assert from_json(to_json(found)) == found
    assert mapped(made) == found


def test_of_very_many_images_some_are_shown_and_few_are_enough():
    many, _ = domains(source=MOST_POINTS + 50)
    assert len(mapped(many).before.here) == MOST_POINTS
    one = Domains(
        source=torch.ones(1, 4), labels=torch.zeros(1, dtype=torch.int64), target=torch.ones(1, 4),
        classes_count=1, seed=0,
    )  # fmt: skip
    assert mapped(one).before.here == ((0.0, 0.0),)

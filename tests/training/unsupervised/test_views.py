"""The views that are learned from without labels."""

from __future__ import annotations

from tlstudio.features.views import PLAIN
from tlstudio.specs.recipe import AugmentationSettings
from tlstudio.training.unsupervised.views import COLOUR, CROP, pretraining_views


def test_views_differ_by_more_than_a_mirror_and_keep_what_changes_the_meaning():
    plain, *others = pretraining_views(AugmentationSettings(flip_changes_meaning=True), seed=3)
    assert plain == PLAIN
    assert len({view.id for view in others}) == len(others) >= 2
    assert {(view.crop, view.colour, view.flip_horizontal) for view in others} == {(CROP, COLOUR, False)}


def test_what_the_recipe_varies_more_is_varied_more():
    wanted = AugmentationSettings(crop=0.7, colour=0.1, rotation_degrees=20, flip_vertical=True)
    view = pretraining_views(wanted, seed=0)[1]
    assert (view.crop, view.colour, view.rotation_degrees) == (0.7, COLOUR, 20)
    assert view.flip_horizontal
    assert view.flip_vertical

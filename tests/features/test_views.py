import pytest
import torch

from tlstudio.features.views import PLAIN, RANDOM_VIEWS, View, cached_views, random_view
from tlstudio.specs.recipe import AugmentationSettings

IMAGE = torch.randint(0, 256, (3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
ALL = AugmentationSettings(crop=0.4, rotation_degrees=20, colour=0.5, flip_vertical=True)


def test_the_plain_view_is_the_image_itself():
    assert PLAIN.apply(IMAGE, sha256="a") is IMAGE
    assert PLAIN.id == "plain"


def test_flips_mirror_the_image():
    assert torch.equal(View(flip_horizontal=True).apply(IMAGE, sha256="a"), IMAGE.flip(-1))
    assert torch.equal(View(flip_vertical=True).apply(IMAGE, sha256="a"), IMAGE.flip(-2))


def test_flips_alone_give_every_combination_the_plain_view_first():
    views = cached_views(AugmentationSettings(flip_vertical=True), seed=0)
    assert [view.id for view in views] == ["plain", "flip-h", "flip-v", "flip-hv"]
    assert [view.id for view in cached_views(AugmentationSettings(), seed=0)] == ["plain", "flip-h"]


def test_flipping_that_changes_the_meaning_is_never_done():
    forbidden = AugmentationSettings(flip_vertical=True, flip_changes_meaning=True)
    assert cached_views(forbidden, seed=0) == (PLAIN,)
    view = random_view(forbidden, seed=3)
    assert all(torch.equal(view.apply(IMAGE, sha256=str(n)), IMAGE) for n in range(20))


def test_random_views_repeat_exactly_and_differ_between_images_and_seeds():
    view = random_view(ALL, seed=1)
    first = view.apply(IMAGE, sha256="a")
    assert first.shape == IMAGE.shape
    assert first.dtype == torch.uint8
    assert torch.equal(first, view.apply(IMAGE, sha256="a"))
    assert not torch.equal(first, view.apply(IMAGE, sha256="b"))
    assert not torch.equal(first, random_view(ALL, seed=2).apply(IMAGE, sha256="a"))


def test_views_with_different_settings_have_different_ids():
    views = cached_views(ALL, seed=5)
    assert len({view.id for view in views}) == 1 + RANDOM_VIEWS
    other = ALL.model_copy(update={"colour": 0.4})
    assert not {v.id for v in views[1:]} & {v.id for v in cached_views(other, seed=5)[1:]}


@pytest.mark.parametrize("setting", [{"crop": 0.8}, {"rotation_degrees": 45.0}, {"colour": 1.0}])
def test_each_kind_of_variation_changes_the_image(setting: dict[str, float]):
    still = AugmentationSettings(flip_horizontal=False, **setting)
    changed = random_view(still, seed=0).apply(IMAGE, sha256="a")
    assert not torch.equal(changed, IMAGE)


def test_rotation_leaves_no_black_corners():
    white = torch.full((3, 64, 64), 255, dtype=torch.uint8)
    turn = AugmentationSettings(flip_horizontal=False, rotation_degrees=45)
    for number in range(10):
        assert random_view(turn, seed=number).apply(white, sha256="a").min() >= 250

"""Units: what must stay together."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tlstudio.core.dataset import Image
from tlstudio.data.units import unit_numbers

IMAGES = st.lists(
    st.builds(
        lambda sha256, group, near: Image(path="", sha256=sha256, group=group, near=near),
        st.sampled_from("abcdefgh"),
        st.none() | st.sampled_from("abcdefgh"),
        st.none() | st.sampled_from("abcdefgh"),
    ),
    max_size=30,
)


def by_walking(images: Sequence[Image]) -> list[int]:
    """The same numbers, found by walking from each image to all that it is related to."""
    numbers: dict[int, int] = {}
    for start in range(len(images)):
        if start in numbers:
            continue
        number, waiting = len(set(numbers.values())), [start]
        while waiting:
            index = waiting.pop()
            numbers[index] = number
            one = images[index]
            waiting += [
                other
                for other, image in enumerate(images)
                if other not in numbers
                and (
                    image.sha256 == one.sha256
                    or (one.group is not None and image.group == one.group)
                    or (one.near is not None and image.near == one.near)
                )
            ]
    return [numbers[index] for index in range(len(images))]


@given(IMAGES)
def test_units_are_what_can_be_reached_by_copies_groups_and_near_duplicates(images: list[Image]):
    assert unit_numbers(images) == by_walking(images)


@given(IMAGES, st.randoms(use_true_random=False))
def test_the_order_of_images_does_not_change_who_stays_together(images: list[Image], random):
    order = list(range(len(images)))
    random.shuffle(order)
    before, after = unit_numbers(images), unit_numbers([images[index] for index in order])
    pairs = {(before[index], after[place]) for place, index in enumerate(order)}
    assert len(pairs) == len(set(before)) == len(set(after))

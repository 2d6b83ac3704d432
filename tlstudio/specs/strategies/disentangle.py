"""Spec of the strategy “disentangle”."""

from __future__ import annotations

from tlstudio.specs.spec import InputSpec, StrategySpec

IGNORED = InputSpec(
    id="ignore",
    title="What to ignore",
    help="A column of the table beside the images, or a pattern found in their paths, that says what must "
    "not count: the camera, the place, the day.",
    kind="column",
    flag="--ignore",
)

SPEC = StrategySpec(
    id="disentangle",
    title="Ignore something",
    summary="Takes out of what the backbone sees what tells something apart that must not count: the camera, "
    "the place, the wearer. Right when a class was mostly photographed in one way.",
    plain_title="Ignore something",
    plain_summary="Learns your classes without what must not count, such as the camera or the place.",
    short="something ignored",
    report="Disentangled: what tells the named property of the images apart was taken out of the features, "
    "and all combinations of it with the classes count the same in the head.",
    inputs=(IGNORED,),
    trains_stages=False,
    curve_axis="setting",
    position=60,
)

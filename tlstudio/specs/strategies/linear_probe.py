"""Spec of the strategy “linear probe”."""

from __future__ import annotations

from tlstudio.specs.spec import StrategySpec

SPEC = StrategySpec(
    id="linear-probe",
    title="Quick: only the head",
    summary="Looks at every image once and fits a new head to what the backbone sees. The first thing to "
    "try, and often the best for fewer than 50 images per class.",
    plain_title="Quick",
    plain_summary="Looks at each image once and learns to tell your classes apart. Done in seconds; the "
    "first thing to try.",
    short="only the head learns",
    report="Linear probe: every image goes through the frozen backbone once, and the head is fitted to what "
    "comes out.",
    trains_stages=False,
    default=True,
    tried_automatically=True,
    curve_axis="setting",
    position=10,
)

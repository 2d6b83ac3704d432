"""Spec of the strategy “prototypes”."""

from __future__ import annotations

from tlstudio.specs.spec import StrategySpec

SPEC = StrategySpec(
    id="prototypes",
    title="Few images: prototypes",
    summary="Compares a new image with the typical image of each class. Works from one image per class. The "
    "first thing to try with fewer than 20 images per class.",
    plain_title="Few images",
    plain_summary="Learns from one to twenty images of each class, in seconds.",
    short="prototypes",
    report="Prototypes: every image goes through the frozen backbone once, mirrored too unless flips are "
    "off; a new image gets the class whose typical image it resembles most.",
    trains_stages=False,
    must_be="not-worse",
    curve_axis="setting",
    position=15,
)

"""The limits of every classifier made here, as the report and the model card print them."""

from __future__ import annotations

MODEL_LIMITS: tuple[str, ...] = (
    "It knows only its own classes: anything else it is shown is forced into one of them, sometimes with a "
    "high probability. An unknown score, where it gives one, warns of most such images, not of all.",
    "Its figures hold for images like those it was tested on. Another camera, place, light or season can "
    "make it worse without any warning.",
    "A probability is the model’s own estimate; the calibration error says how far to trust it.",
    "It learned from the labels as given, mistakes included.",
)

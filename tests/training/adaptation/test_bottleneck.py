"""The number of optimiser steps follows the number of images, within bounds."""

from __future__ import annotations

from tlstudio.training.adaptation.bottleneck import FEWEST_STEPS, MOST_STEPS, steps_count


def test_steps_grow_with_the_images_within_bounds():
    assert steps_count(10) == FEWEST_STEPS
    assert FEWEST_STEPS < steps_count(500) < steps_count(800) < MOST_STEPS
    assert steps_count(100_000) == MOST_STEPS

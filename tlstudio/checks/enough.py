"""Thresholds for numbers of images that several checks share."""

from __future__ import annotations

from tlstudio.evaluation.metric_values import FEWEST_FOR_A_RATE

FEW_OF_CLASS = FEWEST_FOR_A_RATE
"""Images of a class below which its rates say little; and at the usual fractions it cannot have two images
each for validation and test."""

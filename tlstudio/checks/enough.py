"""Thresholds for numbers of images that several checks share."""

from __future__ import annotations

FEW_OF_CLASS = 10
"""Images of a class below which one more or less that is right moves its figures by more than ten points;
and at the usual fractions it cannot have two images each for validation and test."""

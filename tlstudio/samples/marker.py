"""The file by which the folder of a sample is recognised."""

from __future__ import annotations

MARKER = ".tlstudio-sample.json"

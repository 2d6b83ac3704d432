"""The file by which the folder of a sample is recognised."""

from __future__ import annotations

from tlstudio.core.files import OWN_PREFIX

MARKER = f"{OWN_PREFIX}-sample.json"

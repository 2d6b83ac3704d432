"""The files and folders that a drag or the clipboard carries."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData


def dropped_paths(data: QMimeData) -> Sequence[Path]:
    """Files and folders on this computer that a drag carries."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]

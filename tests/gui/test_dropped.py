"""What a drag carries."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl

from tlstudio.gui.dropped import dropped_paths


def test_files_of_this_computer_are_paths_and_others_are_not(tmp_path: Path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path)), QUrl("https://example.org/a.jpg")])
    assert dropped_paths(data) == [tmp_path]
    assert dropped_paths(QMimeData()) == []

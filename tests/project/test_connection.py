"""The file of a project keeps what was committed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tlstudio.project.connection import connect


def test_a_label_survives_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()  # other tests do not wait for the disk
    connection = connect(tmp_path / "project.sqlite")
    try:
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2, "FULL"
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    finally:
        connection.close()

"""The file of a project keeps what was committed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tlstudio.project import connection

SHIPPED = connection.SYNCHRONOUS
"""Read before the fixture that lets tests do without waiting for the disk."""


def test_a_label_survives_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "SYNCHRONOUS", SHIPPED)
    opened = connection.connect(tmp_path / "project.sqlite")
    try:
        assert opened.execute("PRAGMA synchronous").fetchone()[0] == 2, "FULL"
        assert opened.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    finally:
        opened.close()

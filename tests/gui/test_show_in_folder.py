"""Showing a file where it lies."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

from tlstudio.gui.show_in_folder import show_in_folder


def test_the_folder_of_the_file_is_opened(tmp_path, monkeypatch):
    opened: list[QUrl] = []
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    assert show_in_folder(tmp_path / "model.onnx")
    assert [url.toLocalFile() for url in opened] == [str(tmp_path)]


@pytest.mark.parametrize(("platform", "program"), [("win32", "explorer"), ("darwin", "open")])
def test_the_file_is_selected_where_the_system_can_do_that(tmp_path, monkeypatch, platform, program):
    started: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(QProcess, "startDetached", lambda *call: started.append(call) or (True, 1))
    assert show_in_folder(tmp_path / "model.onnx")
    assert started[0][0] == program
    assert "model.onnx" in started[0][1][-1]

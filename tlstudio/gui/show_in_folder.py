"""Shows a file where it lies, in the file manager of the system."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QDir, QProcess, QUrl
from PySide6.QtGui import QDesktopServices


def show_in_folder(path: Path) -> bool:
    """Open the folder that a file or folder lies in, with it selected where the system can do that.

    Returns:
        Whether a file manager was found.
    """
    if sys.platform == "win32":
        native = QDir.toNativeSeparators(str(path))
        return bool(QProcess.startDetached("explorer", [f"/select,{native}"])[0])
    if sys.platform == "darwin":
        return bool(QProcess.startDetached("open", ["-R", str(path)])[0])
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))

"""How long until the window is there: from the start of the process to the end of its first paint.

Usage: python tests/benchmarks/first_window.py [--times 5] [--platform offscreen]

Without --platform it measures offscreen, and on the real screen (e.g. under Xvfb) when there is one.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
CHILD = """
import time
from tlstudio.gui import app
from PySide6.QtCore import QTimer

class Window(app.MainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        # The children are painted in the same pass; the timer comes after it.
        QTimer.singleShot(0, self.painted)

    def painted(self):
        print(time.time(), flush=True)
        self.close()

app.MainWindow = Window
raise SystemExit(app.run(None))
"""


def measure(*, times: int, platform: str) -> list[float]:
    """Seconds of each start; the first start, which fills the disk cache, is not counted."""
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "QT_QPA_PLATFORM": platform,
            "TLSTUDIO_SETTINGS": folder,
            "TLSTUDIO_PROJECTS": folder,
            "TLSTUDIO_CACHE": folder,
            "PYTHONPATH": os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH")))),
        }
        for _ in range(times + 1):
            began = time.time()
            done = subprocess.run(
                [sys.executable, "-c", CHILD], env=environment, check=True, capture_output=True, text=True
            )
            seconds.append(float(done.stdout.split()[0]) - began)
    return seconds[1:]


def main() -> None:
    """Print one line per platform."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--platform")
    arguments = parser.parse_args()
    platforms = [arguments.platform] if arguments.platform else ["offscreen"]
    if arguments.platform is None and os.environ.get("DISPLAY"):
        platforms.append("xcb")
    for platform in platforms:
        seconds = measure(times=arguments.times, platform=platform)
        each = " ".join(f"{value:.2f}" for value in seconds)
        print(f"first window, {platform}: median {statistics.median(seconds):.2f} s of {each}")


if __name__ == "__main__":
    main()

"""Has Qt write a page as PDF, in a process of its own: this layer has no Qt."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tlstudio.core.errors import UserError
from tlstudio.core.files import atomic_path

WRITER = (sys.executable, "-m", "tlstudio.gui.pdf")
"""The program that writes the PDF; it reads the page from standard input."""
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]
LONGEST_SECONDS = 300


def write_pdf(html: str, out: Path) -> None:
    """Write a page that was rendered for print; the file is replaced only when it is whole.

    Args:
        html: The page.
        out: The file.

    Raises:
        UserError: Qt cannot run here, or did not write the file.
    """
    # The package may not be installed but lie beside the working folder, which a child does not inherit.
    places = [str(_PACKAGE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
    if sys.platform.startswith("linux"):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    with atomic_path(out) as temporary:
        try:
            done = subprocess.run(
                (*WRITER, str(temporary)),
                input=html.encode("utf-8"),
                env=environment,
                capture_output=True,
                check=False,
                timeout=LONGEST_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise _refused(f"it took more than {LONGEST_SECONDS} seconds") from error
        if done.returncode or not temporary.exists():
            lines = done.stderr.decode(errors="replace").strip().splitlines()
            raise _refused(lines[-1] if lines else f"exit {done.returncode}")


def _refused(reason: str) -> UserError:
    return UserError(
        f"The PDF could not be made: {reason.rstrip('.')}.",
        mend="Write the report as .html, and print it to a PDF from a browser.",
    )

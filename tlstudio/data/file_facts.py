"""Facts about an image file that its header tells, apart from what the image shows."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tlstudio.data.formats import quieten


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """Facts about one file.

    Attributes:
        width: In pixels, as stored.
        height: In pixels, as stored.
        format: Such as "JPEG".
        mode: Of its colours, as Pillow names it: "RGB", "L".
        compression: Mean of the numbers that a JPEG's brightness was divided by: 1 is the finest, about 58 is
            quality 50. None of other formats.
    """

    width: int
    height: int
    format: str
    mode: str
    compression: float | None = None


def read_file_facts(path: Path) -> FileFacts | None:
    """Read the header of an image file; None where Pillow knows none.

    Only the beginning of the file is read.
    """
    quieten()
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would block
            return None
        with Image.open(path) as image:
            table = getattr(image, "quantization", {}).get(0)
            return FileFacts(
                width=image.width,
                height=image.height,
                format=image.format or "",
                mode=image.mode,
                compression=sum(table) / len(table) if table else None,
            )
    except Exception:  # noqa: BLE001 - damaged files raise anything
        return None

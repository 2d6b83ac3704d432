"""The date and the camera of a photo, as the camera wrote them."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from PIL import Image

from tlstudio.data.formats import quieten

_EXIF_PART = 0x8769
_MAKER, _MODEL = 0x010F, 0x0110
_ORIGINAL, _DIGITISED, _CHANGED = 0x9003, 0x9004, 0x0132
_WRITTEN = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)")


def photo_date(path: Path) -> str:
    """Read when a photo was taken, in the camera's own time: "2024-05-06 07:08:09"; empty when not recorded.

    Only the beginning of the file is read. A file that is no image, or whose record is damaged, has no date.
    """
    exif, part = _record(path)
    written = (part.get(_ORIGINAL), part.get(_DIGITISED), exif.get(_CHANGED))
    return next(filter(None, map(_date, written)), "")


def photo_camera(path: Path) -> str:
    """Read the maker and model of the camera of a photo; empty when not recorded.

    Only the beginning of the file is read. Of no image, or a damaged record, there is no camera.
    """
    exif, _ = _record(path)
    return f"{exif.get(_MAKER, '')} {exif.get(_MODEL, '')}".strip()


def _record(path: Path) -> tuple[Mapping[int, object], Mapping[int, object]]:
    """Read what the camera wrote, by the number of each tag: about the file, and about the photo."""
    quieten()
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would block
            return {}, {}
        with Image.open(path) as image:
            exif = _exif(image)
            return dict(exif), dict(exif.get_ifd(_EXIF_PART))
    except Exception:  # noqa: BLE001 - damaged files raise anything
        return {}, {}


def _exif(image: Image.Image) -> Image.Exif:
    if image.format != "PNG":
        return image.getexif()
    # Pillow would decode the whole picture to look for a record behind it.
    exif = Image.Exif()
    exif.load(image.info.get("exif") or b"")
    return exif


def _date(written: object) -> str:
    match = _WRITTEN.match(written) if isinstance(written, str) else None
    if match is None:
        return ""
    try:
        return datetime(*map(int, match.groups())).isoformat(sep=" ")  # type: ignore[arg-type]
    except ValueError:  # zeros, where the camera's clock was never set
        return ""

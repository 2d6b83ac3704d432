"""Facts about a file, kept so that it need not be read again."""

from __future__ import annotations

from dataclasses import dataclass

from tlstudio.core.values import ValueSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFile:
    """Facts that were found in a file when it was last read.

    Attributes:
        stamp: Its size and time of change then; with the same stamp it need not be read again.
        sha256: Of its bytes, 64 hex digits.
        width: In pixels, after the EXIF turn.
        height: In pixels, after the EXIF turn.
        notes: As of the image.
        values: As of the image.
    """

    stamp: str
    sha256: str
    width: int
    height: int
    notes: tuple[str, ...]
    values: ValueSummary | None

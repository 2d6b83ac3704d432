"""Numbers as a person reads them: percentages, intervals, times, sizes."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.core.errors import UserError
from tlstudio.core.percent import percent_range


def percent_interval(interval: Sequence[float]) -> str:
    """Two fractions as "83–98"."""
    return percent_range(*interval)


def duration(seconds: float) -> str:
    """A time as "22 s", "3 min 20 s" or "1 h 5 min"."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes < 10 and rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def memory(count: int) -> str:
    """Bytes as "13.5 MB" or "1.1 GB"."""
    if count >= 1e9:
        return f"{count / 1e9:.1f} GB"
    if count >= 1e8:
        return f"{count / 1e6:.0f} MB"
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{max(count, 0) / 1e3:.1f} kB"


def grouped(count: int) -> str:
    """A count with narrow spaces between thousands: "1 204"."""
    return f"{count:,}".replace(",", "\u202f")


def backbone_title(backbone_id: str) -> str:
    """A backbone's name as the catalogue has it; the id where it is none of the catalogue."""
    from tlstudio.models.catalogue import backbone_info

    try:
        return backbone_info(backbone_id).title
    except UserError:
        return backbone_id

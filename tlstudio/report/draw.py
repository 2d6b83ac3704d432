"""Draws a report view into a PNG or SVG file."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from matplotlib import font_manager, rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from tlstudio.report.view import load_view

DOTS_PER_INCH = 96

OTHER_SCRIPTS = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Zen Hei", "Droid Sans Fallback"),
    *("Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "Segoe UI", "Nirmala UI"),
    *("PingFang SC", "Hiragino Sans", "Apple SD Gothic Neo", "Arial Unicode MS"),
)
"""Fonts for characters that matplotlib's own font lacks; those that are installed are used."""


def draw_view(
    view_id: str,
    values: Mapping[str, Any],
    *,
    width: int,
    height: int,
    dark: bool = False,
    kind: Literal["png", "svg"] = "png",
    scale: float = 1.0,
) -> bytes:
    """Draw a view and encode it.

    Args:
        view_id: Id of a view, see `specs.VIEWS`.
        values: What the view takes.
        width: In pixels of 1/96 inch.
        height: In pixels of 1/96 inch.
        dark: Which of the two looks.
        kind: Of the file.
        scale: Pixels of a PNG per pixel of the size.

    Returns:
        The bytes of the file.

    Raises:
        KeyError: There is no such view.
    """
    figure = Figure(figsize=(width / DOTS_PER_INCH, height / DOTS_PER_INCH), dpi=DOTS_PER_INCH * scale)
    canvas = FigureCanvasAgg(figure) if kind == "png" else FigureCanvasSVG(figure)
    file = io.BytesIO()
    # Without the date the same values give the same file.
    metadata = {"Date": None} if kind == "svg" else None
    with _any_script():
        load_view(view_id).draw(figure, values, dark=dark)
        canvas.print_figure(file, format=kind, facecolor=figure.get_facecolor(), metadata=metadata)
    return file.getvalue()


@contextmanager
def _any_script() -> Iterator[None]:
    """Use fonts for all scripts inside the block; missing characters are drawn as boxes, silently."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    families = ["sans-serif", *(name for name in OTHER_SCRIPTS if name in installed)]
    with rc_context({"font.family": families}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield

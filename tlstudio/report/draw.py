"""A view as a picture file."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Literal

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from tlstudio.report.views import VIEWS

DOTS_PER_INCH = 96


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
    """Draw a view.

    Args:
        view_id: Of `VIEWS`.
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
    VIEWS.get(view_id).draw(figure, values, dark=dark)
    file = io.BytesIO()
    # Without the date the same values give the same file.
    metadata = {"Date": None} if kind == "svg" else None
    canvas.print_figure(file, format=kind, facecolor=figure.get_facecolor(), metadata=metadata)
    return file.getvalue()

"""Renders the report of a run: one HTML or PDF file that needs neither other files nor a network."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image

from tlstudio import __version__
from tlstudio.checks.examine import read_examined_result
from tlstudio.core.colours import DARK, LIGHT
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, WarningRaised, ignore
from tlstudio.core.files import write_text
from tlstudio.core.glossary import meaning
from tlstudio.core.limits import MODEL_LIMITS
from tlstudio.core.percent import percent as of_fraction
from tlstudio.core.types import SPLIT_WORDS
from tlstudio.core.values import ValueWindow
from tlstudio.data.decode import UnreadableImageError, decode_rgb
from tlstudio.evaluation.check_figures import check_figures_words
from tlstudio.evaluation.evaluation import LabelledPrediction
from tlstudio.project.images_root import images_are_gone
from tlstudio.project.runs import RunFolder
from tlstudio.report.contents import Contents, gather
from tlstudio.report.draw import draw_view
from tlstudio.report.pdf import write_pdf
from tlstudio.report.recipe_text import between, decimals, headline, interval_words, percent
from tlstudio.report.run_text import run_facts
from tlstudio.report.view import Placement, load_view
from tlstudio.specs import VIEWS

THUMBNAIL = 120
"""Longer side, in pixels of the page; the picture has twice as many for sharp screens."""

LISTED_FILES = 200
"""Most unused files that are named one by one."""

TEMPLATES = Path(__file__).with_name("templates")

PRINT_SUFFIX = ".pdf"

PRINT_WIDTH, PRINT_HEIGHT = 640, 860
"""Largest figure on a printed page, in pixels of 1/96 inch."""

Layout = Literal["screen", "print"]
"""Page of a browser, or sheets of paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _DrawnFigure:
    """A figure as data addresses of its two looks."""

    placement: Placement
    light: str
    dark: str


class _Thumbnail(NamedTuple):
    """A small picture as a data address, and its width on the page."""

    address: str
    width: int


def write_report(run: RunFolder, out: Path, *, images_root: Path | None = None, emit: Emit = ignore) -> Path:
    """Write the report of a finished run.

    Args:
        run: The run.
        out: The file, HTML unless its name ends with .pdf; replaced in one step if it exists.
        images_root: Where the run's images are now, when they or the run were moved.
        emit: Receives a warning when the images are gone.

    Returns:
        The file.

    Raises:
        UserError: The run is not finished, or a file of it is missing or damaged.
        OSError: It cannot be written.
    """
    out = out.absolute()
    if out.is_dir():
        raise UserError(
            f"{out} is a folder.", mend=f"Give the name of a file, for example {out / 'report.html'}."
        )
    contents = gather(run, result=read_examined_result(run), images_root=images_root)
    if contents.images_root is None:
        message = (
            f"{images_are_gone(run, contents.recipe)} The report shows no pictures of mistakes; "
            "say where they are now to have them."
        )
        emit(WarningRaised(run_id=run.path.name, code="images-gone", message=message))
    if contents.damage:
        emit(WarningRaised(run_id=run.path.name, code="damaged-events", message=contents.damage))
    if out.suffix.lower() == PRINT_SUFFIX:
        write_pdf(render(contents, layout="print"), out)
    else:
        write_text(out, render(contents))
    return out


def render(contents: Contents, *, layout: Layout = "screen") -> str:
    """The page as text, from the templates; every value is escaped.

    Args:
        contents: Of the report.
        layout: What it is for; the same contents on paper.
    """
    columns = contents.columns
    first, *further = [_figures_of(part, layout=layout) for part in map(contents.of_column, columns)] or [
        _figures_of(contents, layout=layout)
    ]
    values = contents.recipe.values.found or None
    page = _environment(contents.images_root, values=values, layout=layout).get_template("report.html")
    text = page.render(
        version=__version__,
        light=LIGHT,
        dark=DARK,
        limits=MODEL_LIMITS,
        contents=contents,
        columns=columns,
        further=further,
        tested=bool(contents.result.test.n),  # images; a further column may have no label of any of them
        check_figures=check_figures_words(learned=contents.recipe.learns_from == "train+validation"),
        training=_drawn_figures(contents, about="training", layout=layout),
        **first,
        skipped_rows=[(file.path, file.reason) for file in contents.skipped[:LISTED_FILES]],
        facts=run_facts(contents),
    )
    # A file name that is no valid Unicode shows a question mark where it is not.
    return text.encode("utf-8", "replace").decode("utf-8")


def _figures_of(contents: Contents, *, layout: Layout) -> dict[str, Any]:
    """The values that the templates take for the figures of one label column."""
    evaluation, validation = contents.evaluation, contents.result.validation
    metrics = evaluation.primary.metrics
    return {
        "verdict": contents.verdict,
        "column": evaluation.primary,
        "metrics": metrics,
        "subset": evaluation.subset,
        "part": SPLIT_WORDS.get(evaluation.subset, ""),
        "headline": headline(evaluation) if evaluation.n else "",
        "validation": validation.primary.metrics if validation is not evaluation and validation.n else None,
        "wrong": contents.wrong(),
        "class_rows": [
            (entry.class_name, _share(entry.precision), _share(entry.recall), _share(entry.f1), entry.n)
            for entry in metrics.per_class
        ],
        "results": _drawn_figures(contents, about="results", layout=layout),
    }


def _drawn_figures(contents: Contents, *, about: str, layout: Layout) -> list[_DrawnFigure]:
    placed = [(spec.id, load_view(spec.id).placement(contents)) for spec in VIEWS]
    return [
        _drawn(view_id, placement) if layout == "screen" else _printed(view_id, placement)
        for view_id, placement in placed
        if placement is not None and placement.about == about
    ]


def _environment(
    images_root: Path | None, *, values: Sequence[ValueWindow] | None, layout: Layout
) -> Environment:
    """The templates with the filters they use."""
    places = [TEMPLATES] if layout == "screen" else [TEMPLATES / layout, TEMPLATES]
    environment = Environment(
        loader=FileSystemLoader(places),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )

    def thumbnail_of(path: str) -> _Thumbnail | None:
        return None if images_root is None else _thumbnail(images_root / path, values=values)

    def thumbnail(image: LabelledPrediction) -> _Thumbnail | None:
        return thumbnail_of(image.path)

    environment.filters |= {
        "percent": percent,
        "whole_percent": of_fraction,
        "between": between,
        "decimals": decimals,
        "interval": interval_words,
        "thumbnail": thumbnail,
        "thumbnail_of": thumbnail_of,
        "meaning": meaning,
    }
    return environment


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _drawn(view_id: str, placement: Placement) -> _DrawnFigure:
    light, dark = (_picture(view_id, placement, dark=dark) for dark in (False, True))
    return _DrawnFigure(placement=placement, light=light, dark=dark)


def _printed(view_id: str, placement: Placement) -> _DrawnFigure:
    """A figure in the light look, drawn narrower or made smaller where the sheet is not large enough."""
    drawn = replace(placement, width=min(placement.width, PRINT_WIDTH))
    shrink = min(1.0, PRINT_HEIGHT / drawn.height)
    place = replace(drawn, width=round(drawn.width * shrink), height=round(drawn.height * shrink))
    return _DrawnFigure(placement=place, light=_picture(view_id, drawn, dark=False), dark="")


def _picture(view_id: str, placement: Placement, *, dark: bool) -> str:
    """A figure as a data address."""
    picture = draw_view(
        view_id, placement.values, width=placement.width, height=placement.height, dark=dark, scale=2.0
    )
    return _data_address(picture, "png")


def _thumbnail(file: Path, *, values: Sequence[ValueWindow] | None) -> _Thumbnail | None:
    """A small JPEG; None when the image cannot be read any more."""
    try:
        picture = Image.fromarray(decode_rgb(file, values=values).pixels)
    except UnreadableImageError:
        return None
    picture.thumbnail((2 * THUMBNAIL, 2 * THUMBNAIL))
    data = io.BytesIO()
    picture.save(data, format="JPEG", quality=82)
    return _Thumbnail(address=_data_address(data.getvalue(), "jpeg"), width=max(1, picture.width // 2))


def _data_address(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"

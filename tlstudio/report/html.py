"""The report of a run: one HTML file that needs nothing else, neither other files nor a network."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping
from html import escape
from math import ceil
from pathlib import Path
from typing import Any

from PIL import Image

from tlstudio import __version__
from tlstudio.core.files import write_text
from tlstudio.core.limits import MODEL_LIMITS
from tlstudio.data.decode import UnreadableImageError, decode_rgb
from tlstudio.project.runs import RunFolder
from tlstudio.report.contents import Contents, WrongImage, gather
from tlstudio.report.draw import DOTS_PER_INCH, draw_view
from tlstudio.report.recipe_text import choice_words, headline, interval_words, percent, recipe_words
from tlstudio.report.views.confusion import natural_size

THUMBNAIL = 120
"""Longer side, in pixels of the page; the picture has twice as many for sharp screens."""

PAGE = 1000
"""Width of the page's inside, in pixels."""

LISTED_FILES = 200
"""Files that are not used and are named one by one."""

STYLE = Path(__file__).with_name("report.css")

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""Browsers refuse to load anything from elsewhere."""

_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="generator" content="tlstudio {version}">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
"""


def write_report(run: RunFolder, out: Path) -> Path:
    """Write the report of a finished run.

    Args:
        run: The run.
        out: The HTML file; replaced in one step if it exists.

    Returns:
        The file.

    Raises:
        UserError: The run is not finished, or a file of it is missing or damaged.
        OSError: It cannot be written.
    """
    out = out.absolute()
    write_text(out, render(gather(run)))
    return out


def render(contents: Contents) -> str:
    """The page as text."""
    head = _HEAD.format(
        version=__version__,
        policy=_POLICY,
        title=_safe(f"{contents.name}: report"),
        style=STYLE.read_text(encoding="utf-8"),
    )
    parts = [
        _title(contents),
        _headline(contents),
        _warnings(contents),
        _confusion(contents),
        _per_class(contents),
        _wrong(contents),
        _trials(contents),
        _curves(contents),
        _data(contents),
        _recipe(contents),
        _limits(),
    ]
    return head + "\n".join(part for part in parts if part) + "\n</body>\n</html>\n"


def _safe(text: object) -> str:
    """Text for HTML; a file name that is no valid Unicode shows a question mark where it is not."""
    return escape(str(text).encode("utf-8", "replace").decode("utf-8"))


def _section(title: str, *body: str, kind: str = "") -> str:
    name = f' class="{kind}"' if kind else ""
    return f"<section{name}>\n<h2>{title}</h2>\n" + "\n".join(part for part in body if part) + "\n</section>"


def _table(columns: Iterable[tuple[str, bool]], rows: Iterable[Iterable[object]]) -> str:
    """A table; the flag of a column says whether it holds numbers. Cells are escaped here."""
    columns = list(columns)
    marks = [' class="num"' if number else "" for _, number in columns]
    head = "".join(
        f'<th scope="col"{mark}>{name}</th>' for (name, _), mark in zip(columns, marks, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{mark}>{_safe(cell)}</td>" for cell, mark in zip(row, marks, strict=True))
        + "</tr>\n"
        for row in rows
    )
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"


def _pairs(pairs: Iterable[tuple[str, object]]) -> str:
    return "<dl>" + "".join(f"<dt>{_safe(name)}</dt><dd>{_safe(text)}</dd>" for name, text in pairs) + "</dl>"


def _view(view_id: str, values: Mapping[str, Any], *, width: int, height: int, words: str) -> str:
    """A figure in both looks; the browser shows the one that fits."""
    light, dark = (
        base64.b64encode(
            draw_view(view_id, values, width=width, height=height, dark=dark, scale=2.0)
        ).decode()
        for dark in (False, True)
    )
    return (
        f'<picture><source srcset="data:image/png;base64,{dark}" media="(prefers-color-scheme: dark)">'
        f'<img src="data:image/png;base64,{light}" width="{width}" height="{height}" alt="{_safe(words)}">'
        "</picture>"
    )


def _title(contents: Contents) -> str:
    classes = f"{len(contents.recipe.classes)} classes"
    backbone = contents.backbone.title if contents.backbone else contents.recipe.backbone.id
    return (
        f"<h1>{_safe(contents.name)}</h1>\n"
        f'<p class="muted">Image classifier · {classes} · {_safe(backbone)} · tlstudio {__version__}</p>'
    )


def _headline(contents: Contents) -> str:
    figures, split = contents.figures, contents.split
    if not figures.get("n"):
        words = "No images were kept for validation or testing, so nothing tells how good this classifier is."
        return _section("How good it is", f"<p>{words}</p>")
    caution = ""
    if split == "validation":
        caution = (
            '<p class="muted">No images were kept for testing. The classifier was chosen on the validation '
            "images, so this figure is a little too good.</p>"
        )
    facts = [
        ("macro F1", f"{figures['macro_f1']:.3f}", "mean over the classes, each counting the same"),
        ("balanced accuracy", percent(figures["balanced_accuracy"]), "mean share found over the classes"),
        ("calibration error", f"{figures['ece']:.3f}", "0 means “80 % sure” is right 80 % of the time"),
    ]
    other = contents.metrics.get("validation") or {}
    if split == "test" and other.get("n"):
        text = f"{percent(other['accuracy'])} of {other['n']} ({interval_words(other['interval'])})"
        facts.append(("validation", text, "the images the classifier was chosen on"))
    items = "".join(f'<li title="{tip}">{name} <b>{value}</b></li>' for name, value, tip in facts)
    return _section(
        "How good it is",
        f'<div class="headline"><strong>{percent(figures["accuracy"])}</strong>'
        f"<span>{headline(figures, split)}.</span></div>",
        f'<ul class="facts">{items}</ul>',
        caution,
    )


def _warnings(contents: Contents) -> str:
    if not contents.warnings:
        return ""
    items = "".join(f"<li>{_safe(message)}</li>" for message in contents.warnings)
    return _section("To keep in mind", f"<ul>{items}</ul>", kind="warnings")


def _confusion(contents: Contents) -> str:
    figures = contents.figures
    if not figures.get("n"):
        return ""
    width, height = natural_size(figures["classes"], widest=PAGE * 72 / DOTS_PER_INCH)
    picture = _view(
        "confusion",
        figures,
        width=ceil(width * DOTS_PER_INCH / 72),
        height=ceil(height * DOTS_PER_INCH / 72),
        words="Confusion matrix; the same numbers are in the table of classes below",
    )
    return _section(f"What is taken for what ({contents.split} images)", picture)


def _per_class(contents: Contents) -> str:
    figures = contents.figures
    if not figures.get("n"):
        return ""
    present = sum(entry["n"] > 0 for entry in figures["per_class"])
    columns = [("Class", False), ("Precision", True), ("Recall", True), ("F1", True), ("Images", True)]
    rows = [
        (entry["class"], *(_share(entry[key]) for key in ("precision", "recall", "f1")), entry["n"])
        for entry in figures["per_class"]
    ]
    chart = _view(
        "per-class",
        figures,
        width=460,
        height=min(900, 60 + 28 * present),
        words="Share of each class that was found, with its 95 % interval, the weakest first",
    )
    reliability = _view(
        "reliability",
        contents.reliability,
        width=460,
        height=280,
        words="How sure it was and how often right",
    )
    notes = "".join(f'<p class="muted">{_safe(note)}</p>' for note in figures.get("notes") or ())
    return (
        _section(
            "Each class",
            _table(columns, rows),
            '<p class="muted">Precision: of the images called so, how many are. Recall: of the images that '
            "are so, how many were found.</p>",
            notes,
        )
        + '\n<div class="pair">\n'
        + _section("Found of each class, with 95 % intervals", chart)
        + "\n"
        + _section("Can its probabilities be trusted?", reliability)
        + "\n</div>"
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _wrong(contents: Contents) -> str:
    if not contents.figures.get("n"):
        return ""
    if not contents.wrong:
        return _section("Mistakes", f"<p>None: every {contents.split} image got the right class.</p>")
    shown, total = len(contents.wrong), contents.wrong_total
    title = f"Mistakes: the worst {shown} of {total}" if shown < total else f"Mistakes: all {total}"
    root = Path(contents.recipe.images_root or "")
    figures = "\n".join(_wrong_image(image, root) for image in contents.wrong)
    return _section(title, f'<div class="wrong">\n{figures}\n</div>')


def _wrong_image(image: WrongImage, root: Path) -> str:
    words = _safe(f"{image.true}, taken for {image.answer}")
    source = _thumbnail(root / image.path)
    inner = f'<img src="{source}" alt="{words}">' if source else "the image is no longer there"
    return (
        f'<figure title="{_safe(image.path)}"><div class="frame">{inner}</div>'
        f"<figcaption>{_safe(image.true)} → <b>{_safe(image.answer)}</b> "
        f'<span class="muted">{image.probability:.0%}</span></figcaption></figure>'
    )


def _thumbnail(file: Path) -> str:
    """A small JPEG as a data address; empty when the image cannot be read any more."""
    try:
        picture = Image.fromarray(decode_rgb(file).pixels)
    except UnreadableImageError:
        return ""
    picture.thumbnail((2 * THUMBNAIL, 2 * THUMBNAIL))
    data = io.BytesIO()
    picture.save(data, format="JPEG", quality=82)
    return f"data:image/jpeg;base64,{base64.b64encode(data.getvalue()).decode()}"


def _trials(contents: Contents) -> str:
    if not contents.trials:
        return ""
    words = choice_words(contents.trials)
    picture = _view("trials", {"trials": contents.trials}, width=PAGE - 60, height=280, words=words)
    return _section("Which freeze line was chosen, and why", f"<p>{_safe(words)}</p>", picture)


def _curves(contents: Contents) -> str:
    if len(contents.curves["epochs"]) < 2:
        return ""
    size = {"width": 460, "height": 260}
    over = f"over the {contents.curves['unit']}s of training"
    loss = _view("loss-curve", contents.curves, **size, words=f"Loss {over}")
    accuracy = _view("accuracy-curve", contents.curves, **size, words=f"Accuracy {over}")
    return f'<div class="pair">\n{_section("Loss", loss)}\n{_section("Accuracy", accuracy)}\n</div>'


def _data(contents: Contents) -> str:
    counts = contents.counts
    purposes = {
        "train": "to learn from",
        "validation": "to choose the best classifier",
        "test": "looked at once, for the figure at the top",
    }
    rows = [(name, counts[name], purpose) for name, purpose in purposes.items()]
    body = [_table([("Split", False), ("Images", True), ("What for", False)], rows)]
    if contents.skipped:
        listed = contents.skipped[:LISTED_FILES]
        more = len(contents.skipped) - len(listed)
        body += [
            f"<details{' open' if len(listed) <= 12 else ''}><summary>Files that were not used: "
            f"{len(contents.skipped)}</summary>",
            _table([("File", False), ("Why", False)], [(file.path, file.reason) for file in listed]),
            f'<p class="muted">… and {more} more.</p>' if more else "",
            "</details>",
        ]
    return _section("Images", *body)


def _recipe(contents: Contents) -> str:
    recipe, environment = contents.recipe, contents.environment
    pairs: list[tuple[str, object]] = [*recipe_words(recipe, contents.backbone)]
    epochs, best = contents.metrics.get("epochs"), contents.metrics.get("best_epoch")
    if len(contents.curves["epochs"]) > 1:
        unit = contents.curves["unit"]
        kept = f"{unit} {best}" if best else f"the start, before the first {unit},"
        title = f"{unit}s".capitalize()
        why = "was the best on validation and is what" if contents.counts["validation"] else "is what"
        pairs.append((title, f"{epochs}; {kept} {why} was kept."))
    seconds = (contents.metrics.get("seconds") or {}).get("total")
    if seconds is not None:
        pairs.append(("Time", f"{seconds:.0f} seconds"))
    versions = ", ".join(f"{name} {version}" for name, version in recipe.versions.items())
    places = [str(environment[key]) for key in ("system", "processor", "device") if environment.get(key)]
    pairs.append(("Computer", ", ".join(places) or "not recorded"))
    trained_in = contents.metrics.get("training_precision") or "float32"
    if trained_in != "float32":
        why = f"half the digits while learning ({trained_in}), which is quicker; figures with all digits"
        pairs.append(("Computed with", why))
    pairs.append(("Versions", versions or "not recorded"))
    return _section(
        "How it was made",
        _pairs(pairs),
        "<details><summary>All settings (recipe.json)</summary>"
        f"<pre>{_safe(recipe.model_dump_json(indent=2))}</pre></details>",
    )


def _limits() -> str:
    items = "".join(f"<li>{_safe(limit)}</li>" for limit in MODEL_LIMITS)
    return _section("What it cannot do", f"<ul>{items}</ul>")

"""Draws the parts of the pictures of docs/transfer: images, backbones, planes, arrows and words."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Polygon
from numpy.typing import NDArray
from PIL import Image

from tlstudio.core.colours import LIGHT

WIDTH, HEIGHT = 720, 270
"""In the pixels of a page; a picture has twice as many, for sharp screens."""
DPI = 200
COLOURS_KEPT = 96
BALL, TENT = "#7048e8", "#2b8a3e"
"""Colours of the two classes, which differ by their shape too."""
DARK_PLACE = "#3b4252"
Points = NDArray[np.float64]


class Canvas:
    """One picture; places and sizes are pixels of a page, from the top left corner."""

    def __init__(self) -> None:
        figure = Figure(figsize=(WIDTH * 2 / DPI, HEIGHT * 2 / DPI), dpi=DPI, facecolor="white")
        self.axes: Axes = figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        self.axes.axis("off")
        self.figure = figure
        self.box(0.5, 0.5, WIDTH - 1, HEIGHT - 1, line=LIGHT.line, fill=LIGHT.surface, corner=0)

    def box(self, x: float, y: float, w: float, h: float, *, line: str, fill: str, corner: float = 4) -> None:
        """A box with round corners."""
        style = f"round,pad=0,rounding_size={corner}"
        self.axes.add_patch(FancyBboxPatch((x, y), w, h, boxstyle=style, ec=line, fc=fill, lw=1.1))

    def say(self, x: float, y: float, words: str, *, small: bool = False, bold: bool = False,
            centred: bool = True, colour: str = LIGHT.text) -> None:  # fmt: skip
        """Words, in the middle of a place or from it to the right."""
        self.axes.text(
            x, y, words, size=8.2 if small else 9.2, weight="bold" if bold else "normal", color=colour,
            ha="center" if centred else "left", va="center", linespacing=1.25,
        )  # fmt: skip

    def arrow(self, start: tuple[float, float], end: tuple[float, float], *, colour: str = LIGHT.muted,
              dashed: bool = False, bend: float = 0) -> None:  # fmt: skip
        """An arrow; a bent one has a bend other than 0."""
        self.axes.add_patch(
            FancyArrowPatch(
                start, end, arrowstyle="-|>", mutation_scale=9, lw=1.3, color=colour, shrinkA=0, shrinkB=0,
                ls="--" if dashed else "-", connectionstyle=f"arc3,rad={bend}",
            )
        )  # fmt: skip

    def mark(self, x: float, y: float, kind: str, *, size: float, hollow: bool = False,
             colour: str = "") -> None:  # fmt: skip
        """A ball (circle) or tent (triangle)."""
        line = colour or (BALL if kind == "ball" else TENT)
        look = {"ec": line, "fc": "white" if hollow else line, "lw": 1.3}
        if kind == "ball":
            self.axes.add_patch(Circle((x, y), size, **look))
        else:
            corners = [(x - size * 1.1, y + size), (x + size * 1.1, y + size), (x, y - size)]
            self.axes.add_patch(Polygon(corners, **look))

    def photo(self, x: float, y: float, kind: str, *, label: str = "", elsewhere: bool = False,
              colour: str = "", side: float = 34) -> None:  # fmt: skip
        """An image of a class, with its label below, or with a question mark in its corner."""
        self.box(x, y, side, side, line=LIGHT.muted, fill=DARK_PLACE if elsewhere else "#fff9db")
        shown = colour or ("#ced4da" if elsewhere else "")
        self.mark(x + side / 2, y + side / 2, kind, size=side * 0.25, colour=shown)
        if label:
            self.say(x + side / 2, y + side + 9, label, small=True)

    def backbone(self, x: float, y: float, *, total: int = 5, learning: int = 0, head: str = "learns",
                 w: float = 120, h: float = 84) -> float:  # fmt: skip
        """The stages of a backbone, the last of them learning, then the head; returns where they end.

        Args:
            x: Left edge.
            y: Middle.
            total: Number of stages.
            learning: How many of the last ones learn.
            head: "learns", "kept" or "none".
            w: Width of all.
            h: Height of what learns.
        """
        parts = total + (head != "none")
        gap = 4.0
        width = (w - gap * (parts - 1) - (6 if head != "none" else 0)) / parts
        for number in range(parts):
            is_head = number == total
            learns = head == "learns" if is_head else number >= total - learning
            height = h if learns else h - 16
            left = x + number * (width + gap) + (6 if is_head else 0)
            line, fill = (LIGHT.fire, LIGHT.fire_soft) if learns else (LIGHT.ice, LIGHT.ice_soft)
            self.box(left, y - height / 2, width, height, line=line, fill=fill)
        return x + w

    def plane(self, x: float, y: float, w: float, h: float, title: str) -> None:
        """The plane in which images that look alike to the backbone lie near each other."""
        self.box(x, y, w, h, line=LIGHT.line, fill=LIGHT.bg, corner=5)
        self.say(x + w / 2, y - 11, title, small=True, colour=LIGHT.muted)

    def cloud(self, points: Points, kind: str, *, hollow: bool = False, size: float = 4) -> None:
        """Images of one class in a plane."""
        for x, y in points:
            self.mark(x, y, kind, size=size, hollow=hollow)

    def line(self, points: list[tuple[float, float]], *, colour: str = LIGHT.fire, dashed: bool = False,
             thick: float = 2.2) -> None:  # fmt: skip
        """A line through points."""
        xs, ys = zip(*points, strict=True)
        self.axes.plot(xs, ys, color=colour, lw=thick, ls="--" if dashed else "-", solid_capstyle="round")

    def legend(self, *, learns: str = "learns from your images", kept: str = "stays as it is",
               more: str = "") -> None:  # fmt: skip
        """Draw what the two colours mean, below everything; without words for what learns, nothing does."""
        y = HEIGHT - 21
        self.box(18, y - 6, 12, 12, line=LIGHT.ice, fill=LIGHT.ice_soft, corner=2)
        self.say(37, y, kept, small=True, centred=False, colour=LIGHT.muted)
        if learns:
            self.box(170, y - 6, 12, 12, line=LIGHT.fire, fill=LIGHT.fire_soft, corner=2)
            self.say(189, y, learns, small=True, centred=False, colour=LIGHT.muted)
        self.say(400 if learns else 170, y, more, small=True, centred=False, colour=LIGHT.muted)

    def save(self, file: Path) -> None:
        """Save with few colours, which makes it small."""
        whole = io.BytesIO()
        self.figure.savefig(whole, format="png")
        picture = Image.open(whole).convert("RGB")
        few = picture.quantize(COLOURS_KEPT, kmeans=2, dither=Image.Dither.NONE)
        few.save(file, optimize=True)


def around(x: float, y: float, *, count: int, spread: tuple[float, float], seed: int) -> Points:
    """Places around a point, always the same ones."""
    rng = np.random.default_rng(seed)
    return np.array([x, y]) + rng.uniform(-1, 1, (count, 2)) * np.array(spread)

"""The test images that only one of two runs gets right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from tlstudio.gui.engine_client import Background
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.images.image_grid import GridItem, ImageGrid

THUMBNAIL = 104


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An image with the answers of two runs.

    Attributes:
        file: Of the image.
        path: Its name.
        label: Its class.
        answers: Name of each run and its answer, the one that is right first.
    """

    file: Path
    path: str
    label: str
    answers: tuple[tuple[str, str], tuple[str, str]]

    @property
    def words(self) -> str:
        """Its label and both answers."""
        said = "\n".join(f"{run} says {answer}." for run, answer in self.answers)
        return f"Labelled {self.label}.\n{said}"


class PairsCard(Card):
    """A grid of images with the right answer and the wrong one.

    Args:
        background: Makes thumbnails.

    Signals:
        opened: Key of the image to show large.
    """

    opened = Signal(str)

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.pairs: tuple[Pair, ...] = ()
        self.grid = ImageGrid(background)
        self.grid.set_thumbnail_side(THUMBNAIL)
        self.grid.activated_key.connect(self.opened)
        self.hint = QLabel()
        self.hint.setProperty("muted", True)
        self.hint.setWordWrap(True)
        self.body.addWidget(self.hint)
        self.body.addWidget(self.grid, 1)
        self.body.addStretch(0)

    def show_pairs(self, pairs: Sequence[Pair], *, title: str, hint: str = "") -> None:
        """Show images.

        Args:
            pairs: In order.
            title: Above them; their number is added.
            hint: In their place when there are none.
        """
        self.pairs = tuple(pairs)
        self.set_title(f"{title} ({len(pairs)})" if pairs else title)
        self.grid.setAccessibleName(title)
        self.hint.setText(hint)
        self.hint.setVisible(not pairs and bool(hint))
        self.grid.setVisible(bool(pairs))
        self.grid.set_items([_item(pair) for pair in pairs])


def _item(pair: Pair) -> GridItem:
    wrong = pair.answers[-1][1]
    return GridItem(
        path=str(pair.file),
        caption=f"{pair.label} → {wrong}",  # the mistake of the other run, written as everywhere
        tip=f"{pair.path}\n{pair.words}",
        key=pair.path,
    )

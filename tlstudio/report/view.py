"""The interface of a figure, and its place in the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

from matplotlib.figure import Figure

from tlstudio.specs import VIEWS
from tlstudio.specs.registry import implementation

if TYPE_CHECKING:  # the window draws figures without what gathers a report
    from tlstudio.report.contents import Contents

PAGE_WIDTH = 1000
"""Width of the report's inside, in pixels of 1/96 inch."""

HALF_WIDTH = 460
"""Width of a figure that stands beside another one, in pixels of 1/96 inch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Place of a view in the report of a run.

    Attributes:
        about: The part of the page: how good the classifier is, or how it was trained.
        title: Above the figure.
        description: The figure in words, for those who do not see it.
        values: What the view draws.
        width: In pixels of 1/96 inch.
        height: In pixels of 1/96 inch.
        wide: Whether it has the whole width; two others stand beside each other.
        text: A sentence between the title and the figure; empty for none.
    """

    about: Literal["results", "training"]
    title: str
    description: str
    values: Mapping[str, Any]
    width: int = HALF_WIDTH
    height: int
    wide: bool = False
    text: str = ""


class ReportView(Protocol):
    """A figure that the report and the window share; imports neither torch nor pyplot."""

    def draw(self, figure: Figure, values: Mapping[str, Any], *, dark: bool) -> None:
        """Draw on an empty figure.

        Args:
            figure: Of any size.
            values: As in metrics.json or the events; the class's docstring names the keys.
            dark: Which of the two looks.
        """
        ...

    def placement(self, contents: Contents) -> Placement | None:
        """Place the view in the report of a run, with its values; None when there is nothing to show."""
        ...


def load_view(view_id: str) -> ReportView:
    """The implementation of a view.

    Raises:
        KeyError: There is no such view; the message lists those that there are.
    """
    return cast("ReportView", implementation(VIEWS.get(view_id), package="tlstudio.report.views"))

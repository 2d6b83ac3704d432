"""What a registered thing must offer. One file each; menus, choices and tests follow from the walk.

Values of upper layers (a classifier, a figure) appear as type parameters: core knows their place in the
contract, not their insides.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from tlstudio.core.control import Control
from tlstudio.core.events import Emit
from tlstudio.core.types import Preprocessing

Backbone = TypeVar("Backbone", covariant=True)
Info = TypeVar("Info", contravariant=True)
Classifier = TypeVar("Classifier", contravariant=True)
Session = TypeVar("Session", contravariant=True)
Outcome = TypeVar("Outcome", covariant=True)


class BackboneSource(Protocol[Info, Backbone]):
    """Where a family of backbones comes from."""

    @property
    def id(self) -> str:
        """Name of the source."""
        ...

    def preprocessing(self, info: Info) -> Preprocessing:
        """What its weights were trained with, known before anything is built or downloaded."""
        ...

    def build(self, info: Info, *, weights_file: Path | None) -> Backbone:
        """The backbone cut into named stages, in eval mode, on the CPU; random weights without a file."""
        ...


class Strategy(Protocol[Session, Outcome]):
    """A way of transferring knowledge."""

    @property
    def id(self) -> str:
        """Name in recipes and on the command line."""
        ...

    @property
    def title(self) -> str:
        """A few plain words."""
        ...

    @property
    def summary(self) -> str:
        """One sentence: what it does and when it is right."""
        ...

    def train(self, session: Session, *, emit: Emit, control: Control) -> Outcome:
        """Train the session's classifier in place; its best state is loaded when this returns."""
        ...


class ExportFormat(Protocol[Classifier]):
    """A file or folder that other programs can use."""

    @property
    def id(self) -> str:
        """Name on the command line."""
        ...

    @property
    def title(self) -> str:
        """A few plain words."""
        ...

    @property
    def audience(self) -> str:
        """Who can use it."""
        ...

    @property
    def suffix(self) -> str:
        """File ending with its dot; empty for a folder."""
        ...

    def write(self, classifier: Classifier, out: Path, *, card: Mapping[str, Any]) -> None:
        """Write the export; the card's values travel inside it."""
        ...

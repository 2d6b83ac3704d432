"""What a registered thing must offer. One file each; menus, choices and tests follow from the walk.

Values of upper layers (a classifier, a figure) appear as type parameters: core knows their place in the
contract, not their insides.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

from tlstudio.core.control import Control
from tlstudio.core.events import Emit

Session = TypeVar("Session", contravariant=True)
Outcome = TypeVar("Outcome", covariant=True)


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

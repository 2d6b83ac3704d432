"""Finds specs by walking a package, and implementations by convention."""

from __future__ import annotations

import gc
import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from tlstudio.specs.spec import Spec

S = TypeVar("S", bound=Spec)


class SpecRegistry(Generic[S]):
    """The specs of one kind: every module of a package defines one as `SPEC`.

    Args:
        package: Dotted name of the package.
        kind: Class that every spec must be of.
    """

    def __init__(self, package: str, kind: type[S]) -> None:
        self.package = package
        self._kind = kind
        self._found: dict[str, S] | None = None

    def modules(self) -> list[str]:
        """Dotted names of the modules that define specs; the installer's hidden imports."""
        package = importlib.import_module(self.package)
        return sorted(f"{self.package}.{info.name}" for info in pkgutil.iter_modules(package.__path__))

    def refresh(self) -> None:
        """Walk the package again at the next access; for tests that add specs."""
        self._found = None

    def get(self, spec_id: str) -> S:
        """The spec of that id.

        Raises:
            KeyError: Nothing has that id; the message lists all ids.
        """
        specs = self._specs()
        if spec_id not in specs:
            raise KeyError(f"{spec_id!r} is none of: {', '.join(specs)}")
        return specs[spec_id]

    def ids(self) -> list[str]:
        """All ids in the order of menus."""
        return list(self._specs())

    def __contains__(self, spec_id: object) -> bool:
        return spec_id in self._specs()

    def __iter__(self) -> Iterator[S]:
        return iter(self._specs().values())

    def _specs(self) -> dict[str, S]:
        if self._found is None:
            found = [self._spec_of(module) for module in self.modules()]
            found.sort(key=lambda spec: (spec.position, spec.id))
            self._found = {spec.id: spec for spec in found}
            if len(self._found) < len(found):
                raise ValueError(f"an id stands twice in {self.package}")
        return self._found

    def _spec_of(self, module: str) -> S:
        spec = getattr(importlib.import_module(module), "SPEC", None)
        if not isinstance(spec, self._kind):
            raise TypeError(f"{module} defines no SPEC of the kind {self._kind.__name__}")
        return spec


def implementation(spec: Spec, *, package: str) -> Any:
    """The implementation of a spec: `IMPLEMENTATION` of the package's module named like the id.

    Args:
        spec: The spec.
        package: Dotted name of the package of implementations, e.g. "tlstudio.training.strategies".

    Raises:
        ModuleNotFoundError: There is no such module, or an optional part it needs is not installed.
    """
    collects = gc.isenabled()
    # Half a second of importing torch would go into looking for garbage among what stays.
    gc.disable()
    try:
        return importlib.import_module(f"{package}.{spec.module_name}").IMPLEMENTATION
    finally:
        if collects:
            gc.enable()

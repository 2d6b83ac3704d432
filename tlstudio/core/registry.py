"""Registry of items that the modules of a package register, found by importing its modules."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class HasId(Protocol):
    """Anything that can be registered."""

    @property
    def id(self) -> str:
        """The name on the command line and in recipes."""
        ...


T = TypeVar("T", bound=HasId)


class Registry(Generic[T]):
    """Items of one kind by id; filled by importing the modules of a package, each once.

    To get one item, modules are imported until it has registered itself, those named like it first. So an
    item whose library takes seconds to import costs nothing while another one is used.

    Args:
        package: Dotted name of the package whose modules register themselves.
    """

    def __init__(self, package: str) -> None:
        self.package = package
        self._items: dict[str, T] = {}
        self._imported: set[str] = set()

    def register(self, item: T) -> T:
        """Add an item under its id.

        Raises:
            ValueError: The id is taken.
        """
        if item.id in self._items:
            raise ValueError(f"{item.id!r} is registered twice in {self.package}")
        self._items[item.id] = item
        return item

    def modules(self) -> list[str]:
        """Dotted names of the modules that register items; the installer's hidden imports."""
        package = importlib.import_module(self.package)
        return sorted(f"{self.package}.{info.name}" for info in pkgutil.iter_modules(package.__path__))

    def walk(self) -> None:
        """Import every module of the package, once."""
        for module in self.modules():
            self._import(module)

    def _import(self, module: str) -> None:
        if module not in self._imported:
            self._imported.add(module)
            importlib.import_module(module)

    def get(self, item_id: str) -> T:
        """The item of that id.

        Raises:
            KeyError: Nothing has that id; the message lists the ids.
        """
        if item_id not in self._items:
            named_first = f"{self.package}.{item_id.replace('-', '_')}"
            for module in sorted(self.modules(), key=lambda name: not name.startswith(named_first)):
                self._import(module)
                if item_id in self._items:
                    break
        if item_id not in self._items:
            raise KeyError(f"{item_id!r} is none of: {', '.join(sorted(self._items))}")
        return self._items[item_id]

    def ids(self) -> list[str]:
        """All ids, sorted."""
        self.walk()
        return sorted(self._items)

    def __iter__(self) -> Iterator[T]:
        self.walk()
        return iter([self._items[item_id] for item_id in sorted(self._items)])

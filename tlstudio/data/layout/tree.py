"""The tree of the folders that hold images."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Node:
    """A folder with images in it or further down.

    Attributes:
        path: Relative to the root of the tree; empty for the root itself.
        images: Number of images that lie directly in it.
        children: Its folders that hold images at any depth, by name.
    """

    path: str = ""
    images: int = 0
    children: dict[str, Node] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The folder's own name."""
        return self.path.rpartition("/")[2]

    def count(self) -> int:
        """Number of images at any depth."""
        total, waiting = 0, [self]
        while waiting:  # no recursion: folders may lie deeper than Python's stack is high
            node = waiting.pop()
            total += node.images
            waiting += node.children.values()
        return total

    def chain(self) -> list[Node]:
        """This folder, and those below it as long as each holds one folder and hardly anything else.

        A few loose images, fewer than lie in the folder beside them, do not matter: an overview, a logo.
        """
        found = [self]
        while len(found[-1].children) == 1:
            (child,) = found[-1].children.values()
            if found[-1].images and found[-1].images >= child.count():
                break
            found.append(child)
        return found

    def unwrapped(self) -> Node:
        """The first folder below this one that holds several; this one itself where there is none."""
        last = self.chain()[-1]
        inside = sum(child.count() for child in last.children.values())
        return last if len(last.children) > 1 and inside > last.images else self


def folder_tree(paths: Iterable[str]) -> Node:
    """Make the tree of the folders of images.

    Args:
        paths: Of the images, relative to the root, with `/`.
    """
    root = Node()
    for path in paths:
        node = root
        for name in path.split("/")[:-1]:
            if name not in node.children:
                node.children[name] = Node(f"{node.path}/{name}" if node.path else name)
            node = node.children[name]
        node.images += 1
    return root

"""Recognises how a folder of images is laid out: what each folder in it means.

In this order: folders that only wrap others are stepped into; folders named like the parts of a division
(train, valid, test…) become the sides of the split; two levels of folders are told apart (see `places`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tlstudio.core.dataset import LayoutChoice
from tlstudio.core.types import SplitName
from tlstudio.data.layout.places import Levels, judge_levels
from tlstudio.data.layout.sides import find_division, sides_in_order
from tlstudio.data.layout.tree import Node, folder_tree
from tlstudio.data.naming import same_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """Meaning of one folder for the images in it.

    Attributes:
        class_folder: Name of the folder that is its class, None without one.
        side: Its side of a given division, None without one.
    """

    class_folder: str | None = None
    side: SplitName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Layout of a folder of images, with the meaning of every folder in it.

    Attributes:
        meanings: By the folder that an image lies in, relative to the root; the root itself is empty.
        base: The folder that wraps everything else; empty where nothing is wrapped.
        division: The side that each folder of a division means; empty without one.
        divided: Where those folders lie: around the classes, or inside each class.
        outside: Folders beside a division that are no part of it.
        levels: What two levels of folders are.
        outer: Names of the outer folders of two levels, in order; empty for "plain".
        inner: Names of the inner ones.
        class_parents: The folders whose sub-folders are classes, whether they hold images or not.
    """

    meanings: Mapping[str, Meaning]
    base: str = ""
    division: Mapping[str, SplitName] = field(default_factory=dict)
    divided: Literal["around", "inside"] = "around"
    outside: tuple[str, ...] = ()
    levels: Levels = "plain"
    outer: tuple[str, ...] = ()
    inner: tuple[str, ...] = ()
    class_parents: frozenset[str] = frozenset()

    def meaning(self, path: str) -> Meaning:
        """Look up the meaning of the folder that an image lies in."""
        return self.meanings[path.rpartition("/")[0]]

    def class_folders(self, folders: Iterable[str]) -> set[str]:
        """Names of all folders that are classes, among the paths of all folders, with images or without."""
        used = {meaning.class_folder for meaning in self.meanings.values()}
        return {name for name in used if name is not None} | {
            path.rpartition("/")[2] for path in folders if path.rpartition("/")[0] in self.class_parents
        }


def recognise_layout(paths: Sequence[str], *, choice: LayoutChoice = "auto") -> Layout:
    """Find out how a folder is laid out.

    Args:
        paths: Of all usable images, relative to the root, with `/`.
        choice: Whether to recognise anything at all.
    """
    folders = {path.rpartition("/")[0] for path in paths}
    if choice == "top":
        meanings = {path: Meaning(class_folder=path.split("/")[0] or None) for path in folders}
        return Layout(meanings=meanings, class_parents=frozenset({""}))
    if choice == "deepest":
        meanings = {path: Meaning(class_folder=path.rpartition("/")[2] or None) for path in folders}
        return Layout(meanings=meanings)
    if choice == "none":
        return Layout(meanings=dict.fromkeys(folders, Meaning()))
    base = folder_tree(paths).unwrapped()
    return (
        _divided_around(base, folders)
        or _divided_inside(base, folders)
        or _classes_in([base], folders, base=base.path)
    )


def _divided_around(base: Node, folders: set[str]) -> Layout | None:
    """The layout `train/CLASS`, `test/CLASS`; None where it is another one."""
    division = find_division(base.children)
    parts = {name: base.children[name] for name in sides_in_order(division)}
    outside = [child for name, child in base.children.items() if name not in parts]
    roots = _class_roots(parts.values())
    if not division or (outside and not _share_classes(roots)):
        return None
    inside = _classes_in([root for root in roots if root is not None], folders, base=base.path)
    meanings = {
        folder: Meaning(
            class_folder=inside.meanings[folder].class_folder,
            side=next((division[name] for name, part in parts.items() if _is_in(folder, part.path)), None),
        )
        for folder in folders
    }
    return Layout(
        meanings=meanings,
        base=base.path,
        division={name: division[name] for name in parts},
        outside=tuple(sorted(child.name for child in outside)),
        levels=inside.levels,
        outer=inside.outer,
        inner=inside.inner,
        class_parents=inside.class_parents,
    )


def _class_roots(parts: Iterable[Node]) -> list[Node | None]:
    """Find the folder of each part of a division that holds its classes; None for a part without classes."""
    chains = [part.chain() for part in parts]
    several = [_child_names(chain[-1]) if len(chain[-1].children) > 1 else set() for chain in chains]
    only = {name for chain in chains for name in _child_names(chain[0])}
    roots: list[Node | None] = []
    for number, chain in enumerate(chains):
        elsewhere = set().union(*several[:number], *several[number + 1 :])
        fitting = next((node for node in chain if _child_names(node) & elsewhere), None)
        if fitting is not None:
            roots.append(fitting)
        elif several[number]:
            roots.append(chain[-1])
        elif any(several) or len(only) < 2:
            # Images without class folders; one folder of the same name in every part, such as "images".
            roots.append(None)
        else:
            roots.append(chain[0])
    return roots


def _child_names(node: Node) -> set[str]:
    return {same_name(name) for name in node.children}


def _share_classes(roots: Iterable[Node | None]) -> bool:
    names = [_child_names(root) for root in roots if root is not None]
    return any(first & second for index, first in enumerate(names) for second in names[:index])


def _divided_inside(base: Node, folders: set[str]) -> Layout | None:
    """The layout `CLASS/train`, `CLASS/test`, or `PLACE/train/CLASS`; None where it is another.

    Only when it is clear: each of the outer folders holds parts of a division and nothing else.
    """
    classes = list(base.children.values())
    names = {name for node in classes for name in node.children}
    division = find_division(names)
    if len(classes) < 2 or not division or set(division) != names:
        return None
    if any(node.images or not node.children for node in classes):
        return None
    parts = [(part, division[name]) for node in classes for name, part in node.children.items()]
    ends = [part.chain()[-1] for part, _ in parts]
    if all(end.children and not end.images for end in ends):
        inside = _classes_in(ends, folders, base=base.path)
        return Layout(
            meanings={
                folder: Meaning(
                    class_folder=inside.meanings[folder].class_folder,
                    side=next((side for part, side in parts if _is_in(folder, part.path)), None),
                )
                for folder in folders
            },
            base=base.path,
            division={name: division[name] for name in sides_in_order(division)},
            levels="places",
            outer=_names(base.children),
            inner=_names(name for end in ends for name in end.children),
            class_parents=inside.class_parents,
        )
    depth = len(base.path.split("/")) if base.path else 0
    meanings = {}
    for folder in folders:
        above = folder.split("/")
        is_inside = _is_in(folder, base.path) and len(above) >= depth + 2
        meanings[folder] = (
            Meaning(class_folder=above[depth], side=division[above[depth + 1]]) if is_inside else Meaning()
        )
    return Layout(
        meanings=meanings,
        base=base.path,
        division={name: division[name] for name in sides_in_order(division)},
        divided="inside",
        class_parents=frozenset({base.path}),
    )


def _classes_in(roots: Sequence[Node], folders: set[str], *, base: str) -> Layout:
    """The layout of folders in which classes lie, either directly or one level further down."""
    inner: dict[str, set[str]] = {}
    ends: list[Node] = []
    for outer in (child for root in roots for child in root.children.values()):
        ends.append(outer.unwrapped())
        inner.setdefault(same_name(outer.name), set()).update(ends[-1].children)
    levels = judge_levels(
        inner, loose=sum(end.images for end in ends), images=sum(root.count() for root in roots)
    )
    parents = ends if levels == "places" else list(roots)
    class_of: dict[str, str] = {
        child.path: child.name for parent in parents for child in parent.children.values()
    }
    return Layout(
        meanings={folder: Meaning(class_folder=_found_above(folder, class_of)) for folder in folders},
        base=base,
        levels=levels,
        outer=_names(outer for root in roots for outer in root.children) if levels != "plain" else (),
        inner=_names(name for end in ends for name in end.children) if levels != "plain" else (),
        class_parents=frozenset(parent.path for parent in parents),
    )


def _found_above(folder: str, class_of: Mapping[str, str]) -> str | None:
    """Find the class whose folder this is, or lies in; None outside of all class folders."""
    while folder not in class_of:
        if not folder:
            return None
        folder = folder.rpartition("/")[0]
    return class_of[folder]


def _names(names: Iterable[str]) -> tuple[str, ...]:
    """Names without repetition, in order."""
    return tuple(sorted(set(names)))


def _is_in(folder: str, parent: str) -> bool:
    return not parent or folder == parent or folder.startswith(parent + "/")

"""Weights packs: backbones that other installed packages bring. Needs no torch.

A package names a module attribute under the entry point group `tlstudio.backbones`. The attribute is a list
of plain dictionaries, one for each backbone; `PackedBackbone` says what is in them, and
docs/user-guide/weights-packs.md how to make one.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tlstudio.core.typed_values import read_dataclass

log = logging.getLogger(__name__)

GROUP = "tlstudio.backbones"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedBackbone:
    """One backbone of a weights pack, as its package describes it.

    Attributes:
        id: Name in recipes and on the command line.
        title: Name shown to people.
        architecture: Name of the architecture in timm.
        weights: The weights file, relative to the folder of the package.
        sha256: Of that file, 64 hex digits.
        licence: Of the weights, as SPDX id.
        pretrained_on: The images that the weights were trained on.
        summary: One or two plain sentences: what it is good for.
        input_size: Side of the square image, in pixels.
        feature_size: Length of the feature.
        stages: Number of parameters of each stage, in the order they run.
        preprocessing: Values of `core.types.Preprocessing` that differ from what timm records for the
            architecture; `input_size` is set by itself.
        tags: Short words to filter by.
    """

    id: str
    title: str
    architecture: str
    weights: str
    sha256: str
    licence: str
    pretrained_on: str
    summary: str
    input_size: int
    feature_size: int
    stages: Mapping[str, int]
    preprocessing: Mapping[str, Any] | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBackbone:
    """A backbone of an installed pack.

    Attributes:
        package: Name of the package, as pip knows it.
        described: What the package says about it.
        file: Absolute path of its weights.
    """

    package: str
    described: PackedBackbone
    file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledPacks:
    """All weights packs of this installation.

    Attributes:
        backbones: What can be used, by package and then in its own order.
        problems: One sentence for each pack or backbone that cannot be used.
    """

    backbones: tuple[FoundBackbone, ...]
    problems: tuple[str, ...]


@cache
def installed_packs() -> InstalledPacks:
    """Find the packs; one that is faulty is left out and named, and never stops the others."""
    found: list[FoundBackbone] = []
    problems: list[str] = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: (_package(point), point.name)):
        try:
            descriptions = point.load()
            if not isinstance(descriptions, (list, tuple)):
                raise ValueError("its entry point is no list")
        except Exception as error:
            log.warning("the weights pack %s failed", _package(point), exc_info=True)
            problems.append(f"The weights pack {_package(point)} cannot be used: {_reason(error)}.")
            continue
        for values in descriptions:
            try:
                backbone = _read(point, values)
                if any(other.described.id == backbone.described.id for other in found):
                    raise ValueError("another pack has a backbone of this id")
            except (ValueError, OSError) as error:
                name = values.get("id", "?") if isinstance(values, Mapping) else "?"
                problems.append(
                    f"The backbone {name} of the weights pack {_package(point)} cannot be used: "
                    f"{_reason(error)}."
                )
            else:
                found.append(backbone)
    return InstalledPacks(backbones=tuple(found), problems=tuple(problems))


def _read(point: EntryPoint, values: Any) -> FoundBackbone:
    """Check what a package says about a backbone.

    Raises:
        ValueError: It is incomplete or wrong, or the file is not there.
    """
    described = read_dataclass(PackedBackbone, values)
    if not described.stages or min(described.stages.values()) < 0:
        raise ValueError("its stages are not named")
    if described.input_size < 1 or described.feature_size < 1:
        raise ValueError("its sizes are not positive")
    spec = find_spec(point.module.partition(".")[0])
    folders = spec.submodule_search_locations if spec is not None else None
    files = [Path(folder, described.weights).resolve() for folder in folders or ()]
    file = next((file for file in files if file.is_file()), None)
    if file is None:
        raise ValueError(f"its weights file {described.weights} is not there")
    return FoundBackbone(package=_package(point), described=described, file=file)


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.module.partition(".")[0]


def _reason(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__

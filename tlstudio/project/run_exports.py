"""The list of a run's exports: `exports/exports.json` in its folder."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tlstudio.core.files import write_json
from tlstudio.core.portable_paths import portable_path, resolved_path
from tlstudio.core.text_files import parse_json, read_text
from tlstudio.core.typed_values import read_dataclass, read_value
from tlstudio.core.types import Parity
from tlstudio.project.runs import RunFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredExport:
    """One export of a run.

    Attributes:
        format: Id of the export format.
        file: Absolute path of the file or folder.
        bytes: Its size.
        parity: How its predictions compared with the classifier's.
        made: When, ISO 8601, UTC.
    """

    format: str
    file: str
    bytes: int
    parity: Parity
    made: str = ""


def exports_file(run: RunFolder) -> Path:
    """Path of the list."""
    return run.exports / "exports.json"


def list_exports(run: RunFolder) -> list[StoredExport]:
    """The exports of a run, oldest first; without entries that are damaged."""
    return _read(run)[0]


def exports_are_damaged(run: RunFolder) -> bool:
    """Return whether the list of exports, or an entry of it, cannot be read."""
    return _read(run)[1]


def _read(run: RunFolder) -> tuple[list[StoredExport], bool]:
    """The entries that can be read, and whether there are others."""
    try:
        values = read_value(tuple[Any, ...], parse_json(read_text(exports_file(run))))
    except FileNotFoundError:
        return [], False
    except (OSError, ValueError):
        return [], True
    exports = []
    for value in values:
        with suppress(ValueError):
            entry = read_dataclass(StoredExport, value)
            exports.append(replace(entry, file=str(resolved_path(entry.file, base=run.path))))
    return exports, len(exports) < len(values)


def write_exports(run: RunFolder, exports: Sequence[StoredExport]) -> None:
    """Write the list, with paths relative to the run where they can be.

    Raises:
        OSError: It cannot be written.
    """
    values = [{**asdict(entry), "file": portable_path(Path(entry.file), base=run.path)} for entry in exports]
    write_json(exports_file(run), values)

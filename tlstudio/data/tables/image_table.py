"""Finds the table that speaks of the images, and the rows of each image in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tlstudio.core.dataset import DataNote
from tlstudio.core.errors import UserError
from tlstudio.data.naming import listed
from tlstudio.data.tables.matching import ImageNames, Matches
from tlstudio.data.tables.reading import SUFFIXES, Table, read_table

LABELS_FILE = "labels.csv"
SAMPLE = 400
"""Number of names in a column that decide whether it holds the images' names."""
_IMAGE_COLUMNS = frozenset(
    {"image", "images", "imagename", "imagefile", "imagefilename", "imagepath", "imageid", "img", "imgname"}
    | {"imgpath", "imgid", "imgfile", "file", "files", "filename", "filenames", "filepath", "path", "paths"}
    | {"photo", "photoname", "photoid", "picture", "name", "id", "key"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageTable:
    """A table one of whose columns names images.

    Attributes:
        path: Of the file, relative to the root of the images.
        table: Its columns and rows.
        image_column: The column with the images' names.
        matches: The rows of each image.
    """

    path: str
    table: Table
    image_column: str
    matches: Matches

    @property
    def others(self) -> tuple[str, ...]:
        """The columns besides that with the images' names."""
        return tuple(column for column in self.table.columns if column != self.image_column)

    def find_column(self, name: str) -> str | None:
        """A column besides the images' by its name, in any capitals; None when there is none."""
        close = {column.casefold(): column for column in reversed(self.others)}
        return name if name in self.others else close.get(name.strip().casefold())

    def values(self, column: str) -> dict[str, str]:
        """Find each image's first entry in a column that is not empty; images without any are left out."""
        entries = self.table.values(column)
        found = {}
        for path, rows in self.matches.rows.items():
            entry = next((entries[row] for row in rows if entries[row]), "")
            if entry:
                found[path] = entry
        return found

    def contradicting(self, column: str) -> list[str]:
        """Images whose rows have different entries in a column, sorted."""
        entries = self.table.values(column)
        several = ((path, rows) for path, rows in self.matches.rows.items() if len(rows) > 1)
        return sorted(path for path, rows in several if len({entries[row] for row in rows} - {""}) > 1)


def find_image_table(
    root: Path, files: Iterable[str], *, names: ImageNames, folders: Iterable[str]
) -> tuple[ImageTable | None, list[DataNote]]:
    """Find the table that speaks of the images.

    `labels.csv` counts before all others; of other tables it must be the only one that names images.

    Args:
        root: Folder of the images.
        files: All files found, relative to the root.
        names: Of the images.
        folders: Where a table may lie: the root, and the folders that wrap the images.

    Returns:
        The table, None when there is none, and notes about tables that cannot be used.
    """
    allowed = set(folders)
    near = sorted(
        (file for file in files if _is_table(file) and file.rpartition("/")[0] in allowed),
        key=lambda file: (file.count("/"), file),
    )
    preferred = [file for file in near if PurePosixPath(file).name.casefold() == LABELS_FILE]
    if preferred:
        return _open_preferred(root, preferred[0], names=names)
    fitting: list[ImageTable] = []
    for file in near:
        try:
            table = open_image_table(root, file, names=names)
        except UserError:
            continue  # a table of something else; it is listed among the files that are not images
        if table is not None and table.matches.rows:
            fitting.append(table)
    if len(fitting) < 2:
        return (fitting[0] if fitting else None), []
    note = DataNote(
        code="several-tables",
        message=f"Several tables name the images, so none is used: {listed([one.path for one in fitting])}.",
        mend=f"Call the one that counts {LABELS_FILE}.",
        paths=tuple(table.path for table in fitting),
        is_warning=True,
    )
    return None, [note]


def _open_preferred(root: Path, file: str, *, names: ImageNames) -> tuple[ImageTable | None, list[DataNote]]:
    try:
        table = open_image_table(root, file, names=names)
    except UserError as error:
        message, mend = error.what, error.mend
    else:
        if table is not None:
            return table, []
        message = f"{file} has no column with the names of images."
        mend = "Call that column “image”, and write the names as the files are called."
    return None, [DataNote(code="table-not-used", message=message, mend=mend, paths=(file,), is_warning=True)]


def open_image_table(root: Path, file: str, *, names: ImageNames) -> ImageTable | None:
    """Open a table and find its column of images; None when no column names any.

    Raises:
        UserError: The file cannot be read, or is no table.
    """
    table = read_table(root / file)
    if any("." in column and len(names.find(column)) == 1 for column in table.columns):
        # There is no header: the first row speaks of an image already.
        numbered = tuple(f"column {number}" for number in range(1, len(table.columns) + 1))
        table = Table(table.name, numbered, (table.columns, *table.rows))
    column = _image_column(table, names)
    if column is None:
        return None
    return ImageTable(path=file, table=table, image_column=column, matches=names.match(table.values(column)))


def _is_table(file: str) -> bool:
    return PurePosixPath(file).suffix.lower() in SUFFIXES


def _image_column(table: Table, names: ImageNames) -> str | None:
    """The column that names images: by its own name and entries, or else by its entries alone."""
    shares = {column: _share_found(table.values(column), names) for column in table.columns}
    named = [column for column in table.columns if plain_name(column) in _IMAGE_COLUMNS]
    if named and (max(shares[column] for column in named) > 0 or max(shares.values()) < 0.5):
        return max(named, key=lambda column: shares[column])
    best = max(table.columns, key=lambda column: shares[column], default=None)
    return best if best is not None and shares[best] >= 0.5 else None


def _share_found(entries: Sequence[str], names: ImageNames) -> float:
    given = [entry for entry in entries if entry]
    sample = given[:: max(1, len(given) // SAMPLE)]
    return sum(bool(names.find(entry)) for entry in sample) / len(sample) if sample else 0.0


def plain_name(name: str) -> str:
    """The name of a column in small letters, without spaces and signs."""
    return "".join(character for character in name.casefold() if character.isalnum())

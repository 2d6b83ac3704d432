"""Finds what each image has of something that must not count, such as the camera."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tlstudio.core.errors import UserError
from tlstudio.core.wording import count
from tlstudio.data.naming import listed
from tlstudio.data.tables.groups import find_grouping
from tlstudio.data.tables.image_table import ImageTable

MEND = "Choose what many images share and others do not, such as the camera or the place."


def values_to_ignore(
    rule: str, *, paths: Iterable[str], learned: Sequence[str], table: ImageTable | None
) -> Mapping[str, str]:
    """Find the value of each image that is learned from.

    Args:
        rule: The column of a table, or the pattern that finds the value in a path.
        paths: Of all images.
        learned: Those that need a value.
        table: The table that speaks of the images; None without one.

    Returns:
        The values by the path of the image, in the order of `learned`.

    Raises:
        UserError: The rule fits no image, not all of them, gives all the same value, or nearly every image
            its own.
    """
    try:
        found = find_grouping(paths, groups=rule, table=table).of_path
    except UserError as error:
        raise _says_nothing(rule, table=table) from error
    without = [path for path in learned if path not in found]
    if without and len(without) == len(learned):
        raise _says_nothing(rule, table=table)
    if without:
        raise UserError(
            f"“{rule}” says nothing about {len(without)} of {count(len(learned), 'image')}, "
            f"such as {listed(without)}.",
            mend="Each image needs something to ignore: complete the table, or choose something else.",
        )
    values = {path: found[path] for path in learned}
    different = set(values.values())
    if len(different) == 1:
        raise UserError(
            f"“{rule}” is the same for all images (“{different.pop()}”), so there is nothing to ignore.",
            mend=MEND,
        )
    if 2 * len(different) > len(values):
        raise UserError(
            f"“{rule}” is different for almost every image ({len(different)} values for "
            f"{count(len(values), 'image')}), too much to ignore.",
            mend=MEND,
        )
    return values


def _says_nothing(rule: str, *, table: ImageTable | None) -> UserError:
    known = f"no column of {table.path}" if table is not None else "no column of a table beside the images"
    return UserError(
        f"“{rule}” is {known}, and it is not found in the names of the images either.",
        mend="Choose one that is offered, or write the name of a column as it stands in the table.",
    )

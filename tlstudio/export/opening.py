"""Opens an exported model whose format is not known."""

from __future__ import annotations

from pathlib import Path

from tlstudio.core.errors import UserError
from tlstudio.export.formats import export_format
from tlstudio.inference.predictor import Predictor
from tlstudio.specs import EXPORTS


def is_exported(path: Path) -> bool:
    """Return whether a path looks like an exported model of some format; it need not exist or be sound."""
    return any(spec.matches(path) for spec in EXPORTS)


def open_exported(path: Path) -> Predictor:
    """Open an exported model that takes decoded images, by the first matching format that can.

    Args:
        path: A file or folder for which `is_exported` holds.

    Raises:
        UserError: Not there, damaged, not exported by this program, or it takes prepared images only.
    """
    refusals: list[UserError] = []
    for spec in EXPORTS:
        if not spec.matches(path):
            continue
        try:
            predictor = export_format(spec).open(path)
        except UserError as error:
            refusals.append(error)
            continue
        if predictor.takes == "prepared":
            offered = next(spec for spec in EXPORTS if spec.default)
            raise UserError(
                f"{path} takes prepared images only, so it cannot be used on image files.",
                mend=f"Export again with the format “{offered.id}”, or give the folder of the run.",
            )
        return predictor
    if refusals:
        raise refusals[0]
    raise UserError(
        f"{path} is no exported model.", mend="Give a file or folder that “tlstudio export” wrote."
    )

"""Text for cells that a spreadsheet shows as it is, instead of computing it as a formula."""

from __future__ import annotations

FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""Characters that begin a formula; the last four are the wide ones of East Asian keyboards."""


def safe_cell(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would compute; other texts stay as they are."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text


def text_of_cell(cell: str) -> str:
    """The text that `safe_cell` was given."""
    is_safe = cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_STARTS)
    return cell[1:] if is_safe else cell

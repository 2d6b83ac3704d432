"""Says in plain words why pydantic refuses a value; its own sentences speak of tuples and integers."""

from __future__ import annotations

from pydantic import ValidationError

from tlstudio.core.wording import count

_WORDS = {
    "bool": "give true or false",
    "int": "give a whole number",
    "float": "give a number",
    "finite_number": "give a number",
    "string_too_short": "write at least {min_characters}",
    "string_too_long": "write at most {max_characters}",
    "string_pattern_mismatch": "this cannot be used here",
    "string": "give a text",
    "tuple": "give a list, such as [1, 2]",
    "list": "give a list, such as [1, 2]",
    "dict": 'give settings in braces, such as {{"name": 1}}',
    "model": 'give settings in braces, such as {{"name": 1}}',
    "literal_error": "give {expected}",
    "greater_than_equal": "give at least {ge}",
    "greater_than": "give more than {gt}",
    "less_than_equal": "give at most {le}",
    "less_than": "give less than {lt}",
    "too_short": "give at least {min_values}",
    "too_long": "give at most {max_values}",
    "missing": "it is missing",
    "extra_forbidden": "there is no such setting",
}
"""Kind of refusal, or the beginning of several kinds, to what it means; the first that fits counts."""


def refusal_words(error: ValidationError) -> tuple[tuple[str, ...], str]:
    """Put the first refusal of an error into words.

    Args:
        error: At least one value was refused.

    Returns:
        The names that lead to the value, none when several values together are refused; and why, without a
        capital and a full stop, e.g. "give a whole number".
    """
    first = error.errors()[0]
    place = tuple(str(part) for part in first["loc"])
    kind = next((kind for kind in _WORDS if first["type"].startswith(kind)), None)
    if kind is None:
        message = first["msg"].removeprefix("Value error, ").rstrip(".")
        return place, f"{message[:1].lower()}{message[1:]}"
    limits = first.get("ctx", {})
    shown = {name: f"{value:g}" if isinstance(value, float) else value for name, value in limits.items()}
    for name in ("min", "max"):
        if (length := limits.get(f"{name}_length")) is not None:
            shown |= {
                f"{name}_characters": count(length, "character"),
                f"{name}_values": count(length, "value"),
            }
    return place, _WORDS[kind].format_map(shown)

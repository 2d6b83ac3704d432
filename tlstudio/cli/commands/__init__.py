"""One file per command: its flags, the operation it runs, and the text of its result.

The window's start reads only the names.
"""

from __future__ import annotations

import pkgutil


def command_names() -> list[str]:
    """Names of all commands; imports none of them."""
    return sorted(info.name.replace("_", "-") for info in pkgutil.iter_modules(__path__))

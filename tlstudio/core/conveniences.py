"""Lets the program continue where the cache or the settings cannot be written.

A sentence says so once, and which environment variable can name another folder.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tlstudio.core.errors import is_disk_full
from tlstudio.core.files import CACHE_VARIABLE, SETTINGS_VARIABLE, cache_dir, settings_dir
from tlstudio.core.leftovers import process_tag, remove_old

Listener = Callable[[str], None]

_TEMPORARY = "tlstudio-cache."

_said: set[str] = set()
_waiting: list[str] = []
_listeners: list[Listener] = []


@contextmanager
def sentences_to(listener: Listener) -> Iterator[None]:
    """Give the sentences about places that cannot be written to a listener, earlier ones included."""
    _listeners.append(listener)
    try:
        while _waiting:
            listener(_waiting.pop(0))
        yield
    finally:
        _listeners.remove(listener)


def _say(place: Path, error: OSError, *, loss: str, variable: str) -> None:
    if str(place) in _said:
        return
    _said.add(str(place))
    reason = error.strerror or str(error)
    sentence = f"{place} cannot be written ({reason}): {loss}. {variable} can name another folder."
    if _listeners:
        _listeners[-1](sentence)
    else:
        _waiting.append(sentence)


@contextmanager
def settings_if_possible() -> Iterator[None]:
    """Leave out the rest of a block that writes into the settings folder where that is not possible."""
    try:
        yield
    except OSError as error:
        loss = "settings and what was measured about this computer are not kept"
        _say(settings_dir(), error, loss=loss, variable=SETTINGS_VARIABLE)


def working_cache_dir() -> Path:
    """The cache folder; a temporary one, deleted when this process ends, where that cannot be written."""
    return _writable_cache(cache_dir())


@functools.cache
def _writable_cache(place: Path) -> Path:
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            return place
    except OSError as error:
        if is_disk_full(error):
            return place
        loss = "what is computed of images now is computed again the next time"
        _say(place, error, loss=loss, variable=CACHE_VARIABLE)
    remove_old(Path(tempfile.gettempdir()), prefix=_TEMPORARY)
    temporary = tempfile.mkdtemp(prefix=f"{_TEMPORARY}{process_tag()}.")
    atexit.register(shutil.rmtree, temporary, ignore_errors=True)
    return Path(temporary)

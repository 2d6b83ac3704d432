"""Makes the toy format known: in this process by a call, in a child process by a place on PYTHONPATH."""

from pathlib import Path

import tlstudio.export.formats
import tlstudio.specs.exports

HERE = Path(__file__).parent
PLACES = ((tlstudio.specs.exports.__path__, "specs"), (tlstudio.export.formats.__path__, "formats"))


def add_toy() -> None:
    """Let the packages of specs and formats look here too."""
    for path, folder in PLACES:
        path.append(str(HERE / folder))


def remove_toy() -> None:
    """Undo `add_toy`."""
    for path, folder in PLACES:
        path.remove(str(HERE / folder))


if __name__ == "sitecustomize":
    add_toy()

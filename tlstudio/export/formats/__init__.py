"""The implementation of each export format: the module named like its id defines `IMPLEMENTATION`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from tlstudio.inference.predictor import Predictor
from tlstudio.specs.registry import implementation
from tlstudio.specs.spec import ExportSpec

if TYPE_CHECKING:  # reading an export back must not import torch
    from tlstudio.models.classifier import Classifier


class ExportFormat(Protocol):
    """Writes a classifier as a file or folder, and opens it again.

    Importing its module and `open` should need only what the exported file itself needs, so import whatever
    `write` needs (torch, an exporter) inside of it: then the check of an export proves that the file can be
    used without it.
    """

    def write(self, classifier: Classifier, out: Path, *, card: Mapping[str, Any]) -> None:
        """Write the export, with the answers of all label columns.

        Args:
            classifier: In eval mode, on the CPU.
            out: The file or folder to make; its parent exists. A folder holds the marker of its spec.
            card: The model card, plain JSON values; it travels inside the export.

        Raises:
            UserError: This classifier cannot be written in this format.
        """
        ...

    def open(self, path: Path) -> Predictor:
        """Open an export of this format, also one written by an earlier version.

        Raises:
            UserError: It is not there, damaged, or not of this format.
        """
        ...


def export_format(spec: ExportSpec) -> ExportFormat:
    """The implementation of an export format."""
    return cast(ExportFormat, implementation(spec, package=__name__))

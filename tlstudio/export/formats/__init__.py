"""One export format per file."""

from __future__ import annotations

from tlstudio.core.contracts import ExportFormat
from tlstudio.core.registry import Registry
from tlstudio.models.classifier import Classifier

FORMATS: Registry[ExportFormat[Classifier]] = Registry("tlstudio.export.formats")

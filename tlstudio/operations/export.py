"""Exports a run."""

from __future__ import annotations

from dataclasses import asdict

from tlstudio.export.export import export_run
from tlstudio.operations.context import Context, Values
from tlstudio.project.runs import open_run
from tlstudio.specs.operations.export import ExportArguments


def export(arguments: ExportArguments, context: Context) -> Values:
    """Export a run and check that the file predicts the same: the fixed object of `export --json`."""
    result = export_run(
        open_run(arguments.run),
        format_id=arguments.format,
        out=arguments.out,
        images_root=arguments.images_root,
        run_id=context.run_id,
        emit=context.emit,
        control=context.control,
    )
    return {"file": str(result.file), "bytes": result.bytes, "parity": asdict(result.parity)}


IMPLEMENTATION = export

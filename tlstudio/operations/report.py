"""Writes the report of a run."""

from __future__ import annotations

from tlstudio.operations.context import Context, Values
from tlstudio.project.runs import open_run
from tlstudio.report.html import write_report
from tlstudio.specs.operations.report import ReportArguments


def report(arguments: ReportArguments, context: Context) -> Values:
    """Write the report of a run, a PDF where the name of the file ends so: `{"file"}`."""
    file = write_report(
        open_run(arguments.run), arguments.out, images_root=arguments.images_root, emit=context.emit
    )
    return {"file": str(file)}


IMPLEMENTATION = report

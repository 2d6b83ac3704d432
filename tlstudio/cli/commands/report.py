"""`tlstudio report`: writes the report, as HTML or PDF."""

from __future__ import annotations

import argparse
from typing import Any

from tlstudio.cli.command import Command
from tlstudio.cli.given import given_path
from tlstudio.cli.zip_files import unpacked
from tlstudio.operations.context import Context
from tlstudio.operations.run import run_operation
from tlstudio.specs.operations.report import SPEC, ReportArguments


def _add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=given_path)
    parser.add_argument(
        "--out", type=given_path, required=True, metavar="FILE", help="report.html, or report.pdf"
    )
    parser.add_argument(
        "--images",
        type=given_path,
        metavar="FOLDER",
        help="where the run's images are now, if they were moved",
    )


def _run(options: argparse.Namespace, context: Context) -> dict[str, Any]:
    images = unpacked(options.images, context) if options.images else None
    arguments = ReportArguments(run=options.run, out=options.out, images_root=images)
    return run_operation(SPEC.id, arguments, context=context)


def _describe(value: dict[str, Any]) -> str:
    return f"Written: {value['file']}"


COMMAND = Command(summary=SPEC.summary, add_flags=_add_flags, run=_run, describe=_describe, has_json=False)

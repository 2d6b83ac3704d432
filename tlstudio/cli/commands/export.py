"""`tlstudio export`: exports a model and checks that it predicts the same."""

from __future__ import annotations

import argparse
from typing import Any

from tlstudio.cli.command import Command
from tlstudio.cli.given import given_path, given_text
from tlstudio.cli.zip_files import unpacked
from tlstudio.operations.context import Context
from tlstudio.operations.run import run_operation
from tlstudio.specs import EXPORTS
from tlstudio.specs.operations.export import SPEC, ExportArguments


def _add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=given_path)
    parser.add_argument(
        "--format", type=given_text, required=True, metavar="ID", help=", ".join(EXPORTS.ids())
    )
    parser.add_argument("--out", type=given_path, required=True, metavar="FILE")
    parser.add_argument(
        "--images",
        type=given_path,
        metavar="FOLDER",
        help="where the run's images are now, if they were moved",
    )


def _run(options: argparse.Namespace, context: Context) -> dict[str, Any]:
    images = unpacked(options.images, context) if options.images else None
    arguments = ExportArguments(run=options.run, format=options.format, out=options.out, images_root=images)
    return run_operation(SPEC.id, arguments, context=context)


def describe(value: dict[str, Any]) -> str:
    """Put the fixed object of `export --json` into words."""
    parity = value["parity"]
    same = f"{parity['same_class']} of {parity['n']} answers the same"
    return f"Exported {value['file']}; read back: {same}, Δ ≤ {parity['max_abs_difference']:.1e}"


COMMAND = Command(summary=SPEC.summary, add_flags=_add_flags, run=_run, describe=describe)

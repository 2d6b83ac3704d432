"""`tlstudio predict`: predicts the classes of image files and folders."""

from __future__ import annotations

import argparse
from typing import Any

from tlstudio.cli.command import Command
from tlstudio.cli.given import given_path
from tlstudio.cli.zip_files import unpacked
from tlstudio.core.percent import percent
from tlstudio.core.unknown_words import odd_mark
from tlstudio.core.visible import visible
from tlstudio.evaluation.asking_words import asked_words
from tlstudio.operations.context import Context
from tlstudio.operations.run import run_operation
from tlstudio.specs.operations.predict import SPEC, PredictArguments


def _add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=given_path, help="a run or an exported model")
    parser.add_argument(
        "paths", type=given_path, nargs="+", help="images, folders, zip files, or patterns such as *.jpg"
    )
    parser.add_argument(
        "--csv",
        type=given_path,
        metavar="FILE",
        help="write a table as well, row by row; called again, rows that are done are skipped",
    )
    parser.add_argument("--restart", action="store_true", help="with --csv: do all rows anew")
    parser.add_argument(
        "--copy-to",
        type=given_path,
        metavar="FOLDER",
        help="copy every image into one folder per class below it; the images stay where they are",
    )


def _run(options: argparse.Namespace, context: Context) -> list[dict[str, Any]]:
    arguments = PredictArguments(
        model=options.model,
        paths=[unpacked(path, context) for path in options.paths],
        csv=options.csv,
        copy_to=options.copy_to,
        restart=options.restart,
    )
    predictions: list[dict[str, Any]] = run_operation(SPEC.id, arguments, context=context)["predictions"]
    return predictions


def _describe(value: list[dict[str, Any]]) -> str:
    return "\n".join(
        f"{visible(row['path'])}: {odd_mark(row['unknown'])}{_answers(row)}"
        if row["error"] is None
        else f"{visible(row['path'])}: not read: {row['error']}"
        for row in value
    )


def _answers(row: dict[str, Any]) -> str:
    """The class with its probability; of several label columns each with its name before it."""
    columns = row.get("columns", {"": row})
    return ", ".join(
        f"{visible(name)}{' ' if name else ''}{visible(answer['class'])} {percent(answer['probability'])}"
        f"{_asked(answer)}"
        for name, answer in columns.items()
    )


def _asked(answer: dict[str, Any]) -> str:
    """Words that follow an answer that is not sure enough; none after others."""
    return f" (unsure: {visible(asked_words(answer.get('classes')))})" if answer.get("ask") else ""


COMMAND = Command(
    summary=SPEC.summary,
    add_flags=_add_flags,
    run=_run,
    describe=_describe,
    resume_hint="With --csv, the same command goes on where it stopped.",
)

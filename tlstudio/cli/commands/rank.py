"""`tlstudio rank`: ranks backbones on a person's images."""

from __future__ import annotations

import argparse
from typing import Any

from tlstudio.cli.command import Command
from tlstudio.cli.given import given_names, given_path
from tlstudio.cli.zip_files import unpacked
from tlstudio.core.percent import percent, percent_range
from tlstudio.core.rough import roughly
from tlstudio.core.wording import count
from tlstudio.operations.context import Context
from tlstudio.operations.run import run_operation
from tlstudio.specs.operations.rank import SPEC, RankArguments


def _add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=given_path, help="one sub-folder per class, a table of images, or a zip file"
    )
    parser.add_argument(
        "--backbones",
        type=given_names,
        metavar="A,B",
        default=(),
        help="which to compare; without it, all that work without a network here",
    )


def _run(options: argparse.Namespace, context: Context) -> list[dict[str, Any]]:
    arguments = RankArguments(folder=unpacked(options.folder, context), backbones=options.backbones)
    rows: list[dict[str, Any]] = run_operation(SPEC.id, arguments, context=context)["backbones"]
    return rows


def _describe(value: list[dict[str, Any]]) -> str:
    width = max((len(row["id"]) for row in value), default=0)
    lines = [
        f"{row['id']:<{width}}  {percent(row['accuracy'], digits=1):>7} of {count(row['n'], 'image')} right "
        f"(95 % interval {percent_range(*row['interval'])})  about {roughly(row['seconds_per_1000']):>4} s "
        f"per 1000 images  {row['bytes'] / 1e6:5.0f} MB  {row['licence']}"
        for row in value
    ]
    return "\n".join([*lines, *_verdict(value)])


def _verdict(value: list[dict[str, Any]]) -> list[str]:
    close = [row for row in value[1:] if row["difference_interval"][1] >= 0]
    if not close:
        return []
    names = ", ".join(row["id"] for row in close)
    return [f"Not clearly worse than {value[0]['id']}: {names}. Among these take the fastest."]


COMMAND = Command(summary=SPEC.summary, add_flags=_add_flags, run=_run, describe=_describe)

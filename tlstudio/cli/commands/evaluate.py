"""`tlstudio evaluate`: metrics on the run's test images or another folder."""

from __future__ import annotations

import argparse
from typing import Any

from tlstudio.cli.command import Command
from tlstudio.cli.figures_text import accuracy_text, confidence_text, decimals
from tlstudio.cli.given import given_number, given_path
from tlstudio.cli.zip_files import unpacked
from tlstudio.core.errors import UserError
from tlstudio.core.percent import percent, percent_range
from tlstudio.core.visible import visible
from tlstudio.core.wording import count
from tlstudio.evaluation.asking import Answered, below_from
from tlstudio.evaluation.asking_words import answered_words, threshold_words
from tlstudio.operations.context import Context
from tlstudio.operations.run import run_operation
from tlstudio.specs import CHECKS
from tlstudio.specs.operations import cross_validate
from tlstudio.specs.operations.cross_validate import CrossValidateArguments
from tlstudio.specs.operations.evaluate import SPEC, EvaluateArguments


def _add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=given_path)
    parser.add_argument(
        "--images", type=given_path, metavar="DATA", help="another labelled folder, or a zip file"
    )
    parser.add_argument(
        "--cross-validated",
        action="store_true",
        help="on all images of the run, each answered by last layers that did not learn from it; small sets",
    )
    asking = parser.add_mutually_exclusive_group()
    asking.add_argument(
        "--right",
        type=given_number,
        metavar="F",
        help="share of the answers that should be right, for example 0.98: the probability below which a "
        "person is asked is chosen for it and kept with the run",
    )
    asking.add_argument(
        "--ask-below", type=given_number, metavar="P", help="that probability itself; 0 never asks"
    )
    parser.add_argument(
        "--per-class",
        action="store_true",
        help="with --right: a probability for each class that has enough answers to choose one by",
    )


def _run(options: argparse.Namespace, context: Context) -> dict[str, Any]:
    others = (options.images, options.right, options.ask_below)
    if options.cross_validated and any(one is not None for one in others):
        raise UserError(
            "--cross-validated is about other last layers than the run's, so it takes no further options.",
            mend="Give it alone.",
        )
    if options.right is not None and not 0 < options.right < 1:
        raise UserError(
            "--right must lie between 0 and 1.", mend="Give a share of the answers, for example 0.95."
        )
    if options.ask_below is not None and not 0 <= options.ask_below <= 1:
        raise UserError("--ask-below must lie between 0 and 1.", mend="Give a probability, for example 0.8.")
    if options.per_class and options.right is None:
        raise UserError(
            "--per-class needs the share of the answers that should be right.",
            mend="Give it too, for example --right 0.95.",
        )
    if options.cross_validated:
        crossed = CrossValidateArguments(run=options.run)
        value = run_operation(cross_validate.SPEC.id, crossed, context=context)
    else:
        images = unpacked(options.images, context) if options.images else None
        arguments = EvaluateArguments(
            run=options.run,
            images=images,
            right=options.right,
            per_class=options.per_class,
            ask_below=options.ask_below,
        )
        value = run_operation(SPEC.id, arguments, context=context)
    value.pop("predictions", None)
    return value


def _describe(value: dict[str, Any]) -> str:
    lines = [_line(finding) for finding in value["findings"] if _comes_first(finding)]
    for name, column in value.get("columns", {"": value}).items():
        lines += [f"{visible(name)}:"] if name else []
        lines += _figures(column)
    lines += [_line(finding) for finding in value["findings"] if not _comes_first(finding)]
    return "\n".join(lines)


def _figures(value: dict[str, Any]) -> list[str]:
    lines = [
        accuracy_text(value),
        f"macro F1 {decimals(value['macro_f1'])}, {confidence_text(value)}",
    ]
    for row in value["per_class"]:
        figures = (
            f"{row[key]:.2f}" if row[key] is not None else "–" for key in ("precision", "recall", "f1")
        )
        lines.append(
            f"  {visible(row['class'])}: precision, recall, F1 = {', '.join(figures)} (n = {row['n']})"
        )
    if value.get("asking") is not None:
        lines.append(_asking_words(value["asking"]))
    if value.get("class_sets") is not None:
        lines.append(_sets_words(value["class_sets"]))
    return lines


def _sets_words(sets: dict[str, Any]) -> str:
    """Say how many classes have to be named so that the true one is among them as often as promised."""
    share, within = percent(sets["held"] / sets["n"], digits=1), percent_range(*sets["interval"])
    return (
        f"With {sets['mean_size']:.1f} classes named for an image on average, the true one is among them for "
        f"{share} of {count(sets['n'], 'image')} (95 % interval {within}); promised are at least "
        f"{percent(sets['coverage'])} of the images of each class."
    )


def _asking_words(asking: dict[str, Any]) -> str:
    found = Answered(n=asking["n"], answered=asking["answered"], right=asking["right"])
    return f"{threshold_words(below_from(asking))} {answered_words(found, images='images')}"


def _comes_first(finding: dict[str, Any]) -> bool:
    """Return whether a finding says which images do not count in the figures."""
    if finding["severity"] == "ok":
        return False
    return finding["check"] in CHECKS and "left_out" in CHECKS.get(finding["check"]).needs


def _line(finding: dict[str, Any]) -> str:
    return f"[{finding['severity']}] {visible(finding['message'])}"


COMMAND = Command(summary=SPEC.summary, add_flags=_add_flags, run=_run, describe=_describe)

"""`tlstudio explain`: where in an image a classifier looked, and the training images behind its answer."""

from __future__ import annotations

import argparse
from typing import Any

from tlstudio.cli.command import Command
from tlstudio.cli.given import given_path
from tlstudio.core.percent import percent
from tlstudio.core.visible import visible
from tlstudio.evaluation.explanation_words import looked_words, pulled_words, similar_words
from tlstudio.operations.context import Context
from tlstudio.operations.run import run_operation
from tlstudio.specs.operations import explain_image, related_images


def _add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=given_path)
    parser.add_argument("image", type=given_path)
    parser.add_argument("--class", dest="class_name", metavar="CLASS", help="explain this class")
    parser.add_argument("--out", type=given_path, metavar="FILE.png", help="picture of where it looked")
    parser.add_argument("--count", type=int, default=5, metavar="N", help="training images to list (5)")


def _run(options: argparse.Namespace, context: Context) -> dict[str, Any]:
    looked = explain_image.ExplainImageArguments(
        run=options.run, image=options.image, class_name=options.class_name, out=options.out
    )
    related = related_images.RelatedImagesArguments(run=options.run, image=options.image, count=options.count)
    return {
        "looked": run_operation(explain_image.SPEC.id, looked, context=context),
        "related": run_operation(related_images.SPEC.id, related, context=context),
    }


def _describe(value: dict[str, Any]) -> str:
    looked, related = value["looked"], value["related"]
    lines = [looked_words(looked), f"Picture: {visible(looked['picture'])}", similar_words(related)]
    lines += [f"  {image['similarity']:.2f}  {_image(image)}" for image in related["similar"]]
    lines.append(pulled_words(related))
    lines += [f"  {percent(image['pull'], digits=1)}  {_image(image)}" for image in related["pulled"]]
    return "\n".join(lines)


def _image(image: dict[str, Any]) -> str:
    return f"{visible(image['path'])} ({visible(image['label'])})"


COMMAND = Command(
    summary="where it looked in an image, and the training images behind its answer",
    add_flags=_add_flags,
    run=_run,
    describe=_describe,
)

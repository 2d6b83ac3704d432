"""Runs everything once on sample images, from training to an exported model and a report."""

from __future__ import annotations

from tlstudio.operations.context import Context, Values
from tlstudio.operations.run import run_operation
from tlstudio.project.runs import RunFolder
from tlstudio.specs import EXPORTS
from tlstudio.specs.operations.demo import DemoArguments

SAMPLE = "nuts-and-bolts"


def demo(arguments: DemoArguments, context: Context) -> Values:
    """Make sample images, train on them, evaluate, export, write the report. Needs only this package.

    Returns:
        `{"images", "run", "model", "report", "train", "export"}`: paths and the fixed objects.
    """
    out = arguments.out
    run = out / "run"
    export_format = next(spec for spec in EXPORTS if spec.default)

    def do(operation_id: str, **values: object) -> Values:
        return run_operation(operation_id, values, context=context)

    images = do("sample", sample=SAMPLE, out=out / "images")["folder"]
    trained = do("train", folder=images, run=run, resume=RunFolder(run).recipe.exists())
    exported = do("export", run=run, format=export_format.id, out=out / f"model{export_format.suffix}")
    written = do("report", run=run, out=out / "report.html")
    return {
        "images": images,
        "run": str(run),
        "model": exported["file"],
        "report": written["file"],
        "train": trained,
        "export": exported,
    }


IMPLEMENTATION = demo

"""The command line: the same engine as the window. Names, flags and JSON keys are promises."""

from __future__ import annotations

import argparse
import io
import json
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from tlstudio import __version__
from tlstudio.cli.progress_bar import ProgressBar, silence
from tlstudio.core.control import Control
from tlstudio.core.errors import UserError, from_os_error
from tlstudio.core.events import (
    Emit,
    JobCancelled,
    JobFailed,
    JobSucceeded,
    WarningRaised,
    run_guarded,
)
from tlstudio.core.recipe import Recipe, build_recipe, read_recipe

DONE, FAULT, WRONG_INPUT, CANCELLED = 0, 1, 2, 130
RUN_ID = "cli"


def main(arguments: Sequence[str]) -> int:
    """Run one command.

    Args:
        arguments: Without the program's name.

    Returns:
        The exit code: 0 done, 1 a fault of ours, 2 wrong input or usage, 130 cancelled.
    """
    options = build_parser().parse_args(arguments)
    control = Control()
    previous = signal.signal(signal.SIGINT, _interrupt(control))
    bar = ProgressBar(sys.stderr)
    try:
        final = run_guarded(
            lambda: {"value": options.command(options, bar, control)}, run_id=RUN_ID, emit=bar
        )
    finally:
        bar.close()
        signal.signal(signal.SIGINT, previous)
    if isinstance(final, JobSucceeded):
        return _show(final.result["value"], options)
    if isinstance(final, JobCancelled):
        mend = " Go on with --resume." if options.command is _train else ""
        _say(f"Cancelled; what was saved stays.{mend}")
        return CANCELLED
    return _fail(final)


def _fail(final: JobFailed) -> int:
    parts = (final.what, final.work, final.mend)
    _say(f"tlstudio: {' '.join(' '.join(part.split()) for part in parts if part)}")
    return FAULT if final.fault else WRONG_INPUT


def _say(text: str) -> None:
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        silence(sys.stderr)  # the exit code still tells how it ended


def _interrupt(control: Control) -> Callable[[int, FrameType | None], None]:
    def handle(_number: int, _frame: FrameType | None) -> None:
        if control.cancelled:  # asked twice: leave at once; what is on disk is in order
            raise SystemExit(CANCELLED)
        print("\nStopping at the next safe point… (Ctrl-C again to leave at once)", file=sys.stderr)
        control.cancel()

    return handle


def _show(value: Any, options: argparse.Namespace) -> int:
    text = json.dumps(value, ensure_ascii=True) if getattr(options, "json", False) else options.tell(value)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A file's name may hold bytes that are no text, or letters that this terminal cannot show.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        print(text, flush=True)
    except OSError as error:
        silence(sys.stdout)
        if isinstance(error, BrokenPipeError):  # the reader had enough, like `head`
            return DONE
        error.filename = "standard output"
        told = from_os_error(error)
        return _fail(JobFailed(run_id=RUN_ID, what=told.what, work=told.work, mend=told.mend))
    return DONE


# Commands: each takes the options, an `Emit` and a `Control`, and returns what --json prints.


def _run(operation_id: str, emit: Emit, control: Control, **arguments: Any) -> Any:
    from tlstudio.operations.context import Context
    from tlstudio.operations.run import run_operation

    context = Context(run_id=RUN_ID, emit=emit, control=control)
    return run_operation(operation_id, arguments, context=context)


def _demo(options: argparse.Namespace, emit: ProgressBar, control: Control) -> Any:
    return _run("demo", emit, control, out=options.out)


def _check(options: argparse.Namespace, emit: ProgressBar, control: Control) -> Any:
    return _run("check", emit, control, folder=options.folder)


def _backbones(options: argparse.Namespace, emit: ProgressBar, control: Control) -> Any:
    return _run("backbones", emit, control, offline=options.offline)["backbones"]


def _rank(options: argparse.Namespace, emit: ProgressBar, control: Control) -> Any:
    raise UserError(
        "Ranking backbones is not part of this version yet.",
        mend="Train with two of them (`--backbone ID`) and compare the accuracies and their intervals.",
    )


def _train(options: argparse.Namespace, emit: ProgressBar, control: Control) -> Any:
    recipe = recipe_from(options)
    if options.resume:
        _name_unused(options, recipe, emit)
    return _run(
        "train",
        emit,
        control,
        folder=options.folder,
        run=options.run,
        recipe=recipe,
        resume=options.resume,
    )


def recipe_from(options: argparse.Namespace) -> Recipe:
    """The recipe file, if any, with the flags laid over it.

    `--freeze STAGE`, `none` or `auto` without `--strategy` means fine-tuning: a linear probe trains no stage.
    """
    base = read_recipe(options.recipe) if options.recipe else Recipe()
    values = base.model_dump(mode="json")
    if options.strategy is None and options.freeze not in (None, "head"):
        options.strategy = "fine-tune"
    flat = {"strategy": options.strategy, "freeze": options.freeze, "epochs": options.epochs}
    flat |= {"seed": options.seed, "device": options.device}
    values |= {key: value for key, value in flat.items() if value is not None}
    nested = {
        "backbone": {"id": options.backbone, "weights_file": options.weights},
        "split": {"validation": options.validation, "test": options.test, "groups": options.groups},
    }
    for part, settings in nested.items():
        values[part] |= {key: value for key, value in settings.items() if value is not None}
    return build_recipe(values, source="the command line")


def _name_unused(options: argparse.Namespace, asked: Recipe, emit: Emit) -> None:
    """A run that goes on keeps its own settings; flags that now say otherwise are named."""
    from tlstudio.project.runs import RunFolder

    kept = RunFolder(options.run.resolve()).recipe
    if not kept.exists():
        return
    own, wanted = _flags(read_recipe(kept)), _flags(asked)
    given = [name for name in wanted if options.recipe or getattr(options, name) is not None]
    other = [f"--{name}" for name in given if wanted[name] not in (own[name], "auto")]
    if other:
        message = f"The run goes on with the settings it began with; not used: {', '.join(other)}."
        emit(WarningRaised(run_id=RUN_ID, code="other-settings", message=message))


def _flags(recipe: Recipe) -> dict[str, Any]:
    """The settings that have a flag, by its name."""
    return {
        **{name: getattr(recipe, name) for name in ("strategy", "freeze", "epochs", "seed", "device")},
        **{name: getattr(recipe.split, name) for name in ("validation", "test", "groups")},
        "backbone": recipe.backbone.id,
        "weights": recipe.backbone.weights_file,
    }


def _evaluate(options: argparse.Namespace, emit: ProgressBar, control: Control) -> Any:
    return _run("evaluate", emit, control, run=options.run, images=options.images)


def _report(options: argparse.Namespace, emit: ProgressBar, control: Control) -> Any:
    return _run("report", emit, control, run=options.run, out=options.out)


def _export(options: argparse.Namespace, emit: ProgressBar, control: Control) -> Any:
    return _run("export", emit, control, run=options.run, format=options.format, out=options.out)


def _predict(options: argparse.Namespace, emit: ProgressBar, control: Control) -> Any:
    arguments = {"model": options.model, "paths": options.paths, "csv": options.csv}
    return _run("predict", emit, control, **arguments)["predictions"]


# What a person reads


def _percent(figures: dict[str, Any]) -> str:
    if figures.get("accuracy") is None:
        return "no images kept for it"
    low, high = figures["interval"]
    right = f"{100 * figures['accuracy']:.1f} % of {figures['n']} images right"
    return f"{right} (95 % interval {100 * low:.0f}–{100 * high:.0f})"


def _tell_train(value: dict[str, Any]) -> str:
    images = value["images"]
    lines = [
        f"Classes: {', '.join(value['classes'])}",
        f"Images: train {images['train']}, validation {images['validation']}, test {images['test']}, "
        f"not used {images['skipped']}",
        f"Validation: {_percent(value['validation'])}",
        f"Test: {_percent(value['test'])}",
        *(f"Note: {warning}" for warning in value["warnings"]),
        f"Run: {value['run']} ({value['status']}, {value['seconds']['total']:.1f} s)",
    ]
    return "\n".join(lines)


def _tell_demo(value: dict[str, Any]) -> str:
    places = [f"{what.capitalize()}: {value[what]}" for what in ("images", "model", "report")]
    return "\n".join([_tell_train(value["train"]), _tell_export(value["export"]), *places])


def _tell_check(value: dict[str, Any]) -> str:
    lines = [f"{value['images']} usable images in {len(value['classes'])} classes"]
    lines += [f"  {name}: {count}" for name, count in value["classes"].items()]
    for finding in value["findings"]:
        lines.append(f"[{finding['severity']}] {finding['message']}")
        lines += [f"    {path}" for path in finding["paths"]]
    return "\n".join(lines)


def _tell_backbones(value: list[dict[str, Any]]) -> str:
    width = max((len(row["id"]) for row in value), default=0)
    return "\n".join(
        f"{row['id']:<{width}}  {row['parameters'] / 1e6:6.1f} M  {row['detail']}" for row in value
    )


def _tell_evaluate(value: dict[str, Any]) -> str:
    lines = [_percent(value), f"macro F1 {value['macro_f1']:.3f}, ECE {value['ece']:.3f}"]
    for row in value["per_class"]:
        figures = (
            f"{row[key]:.2f}" if row[key] is not None else "–" for key in ("precision", "recall", "f1")
        )
        lines.append(f"  {row['class']}: precision, recall, F1 = {', '.join(figures)} (n = {row['n']})")
    return "\n".join(lines)


def _tell_export(value: dict[str, Any]) -> str:
    parity = value["parity"]
    same = f"{parity['same_class']} of {parity['n']} answers the same"
    return f"Exported {value['file']}; read back: {same}, Δ ≤ {parity['max_abs_difference']:.1e}"


def _tell_predict(value: list[dict[str, Any]]) -> str:
    return "\n".join(
        f"{row['path']}: {row['class']} {100 * row['probability']:.0f} %"
        if row["error"] is None
        else f"{row['path']}: not read: {row['error']}"
        for row in value
    )


def _tell_file(value: dict[str, Any]) -> str:
    return f"Written: {value['file']}"


class _Parser(argparse.ArgumentParser):
    """Tells wrong usage as everything else that is wrong: in one line, with the mend."""

    def error(self, message: str) -> NoReturn:
        told = " ".join(message.split())
        self.exit(WRONG_INPUT, f"tlstudio: {told}. `{self.prog} --help` lists what can be given.\n")


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; usage errors end with exit code 2."""
    parser = _Parser(
        prog="tlstudio",
        description="Make an image classifier from your own photos by transfer learning. "
        "Without a command the app opens; PATH may be a project, a folder of images or an exported model.",
        usage="tlstudio [PATH] | tlstudio COMMAND …",
    )
    parser.add_argument("--version", action="version", version=f"tlstudio {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, prog="tlstudio")

    def add(
        name: str, run: Callable[..., Any], tell: Callable[[Any], str], about: str, *, as_json: bool = True
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about, description=about)
        command.set_defaults(command=run, tell=tell)
        if as_json:
            command.add_argument("--json", action="store_true", help="print one JSON object as the last line")
        return command

    demo = add(
        "demo", _demo, _tell_demo, "sample images → trained, evaluated, exported, report", as_json=False
    )
    demo.add_argument("--out", type=Path, default=Path("demo-output"), metavar="DIR")

    add("check", _check, _tell_check, "data health of a folder").add_argument("folder", type=Path)

    backbones = add("backbones", _backbones, _tell_backbones, "what can be chosen")
    backbones.add_argument("--offline", action="store_true", help="only those that need no download")

    rank = add("rank", _rank, str, "measure backbones on these images and this computer")
    rank.add_argument("folder", type=Path)
    rank.add_argument("--backbones", metavar="A,B")

    train = add("train", _train, _tell_train, "train a classifier")
    train.add_argument("folder", type=Path, help="one sub-folder per class")
    train.add_argument("--run", type=Path, required=True, metavar="DIR", help="where the run is kept")
    train.add_argument("--recipe", type=Path, metavar="FILE")
    train.add_argument("--backbone", metavar="ID")
    train.add_argument("--weights", metavar="FILE", help="pretrained weights from a file")
    train.add_argument("--strategy", metavar="ID", help="linear-probe (default) or fine-tune")
    train.add_argument("--freeze", metavar="head|none|auto|STAGE", help="first stage that trains")
    train.add_argument("--epochs", type=int, metavar="N")
    train.add_argument("--seed", type=int, metavar="N")
    train.add_argument("--validation", type=float, metavar="F", help="share of the images, may be 0")
    train.add_argument("--test", type=float, metavar="F", help="share of the images, may be 0")
    train.add_argument("--groups", metavar="COLUMN|REGEX", help="images that stay on one side of the split")
    train.add_argument("--device", metavar="D", help="auto, cpu, cuda or mps")
    train.add_argument("--resume", action="store_true", help="go on with an interrupted run")

    evaluate = add(
        "evaluate", _evaluate, _tell_evaluate, "figures on the run's test images or another folder"
    )
    evaluate.add_argument("run", type=Path)
    evaluate.add_argument("--images", type=Path, metavar="FOLDER")

    report = add("report", _report, _tell_file, "write the HTML report", as_json=False)
    report.add_argument("run", type=Path)
    report.add_argument("--out", type=Path, required=True, metavar="report.html")

    export = add("export", _export, _tell_export, "export a model and prove it gives the same answers")
    export.add_argument("run", type=Path)
    export.add_argument("--format", required=True, metavar="ID", help="onnx, onnx-tensor or portable")
    export.add_argument("--out", type=Path, required=True, metavar="FILE")

    predict = add("predict", _predict, _tell_predict, "classes of files and folders")
    predict.add_argument("model", type=Path, help="a run or an exported model")
    predict.add_argument("paths", type=Path, nargs="+")
    predict.add_argument("--csv", type=Path, metavar="FILE")
    return parser

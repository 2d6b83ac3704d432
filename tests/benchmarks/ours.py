"""What tlstudio itself takes, in a warm engine process: the functions that both faces call."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.measuring import answer
from tlstudio.compute.device import resident_memory_bytes
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import BatchEnded, ClassifierEvaluated, Emit, EpochEnded, Event, ignore
from tlstudio.specs.recipe import Recipe, build_recipe

Values = dict[str, Any]


def run_operation(
    operation_id: str, *, emit: Emit = ignore, control: Control | None = None, **arguments: Any
) -> Values:
    """Run an operation; it is imported as late as the engine process does it."""
    from tlstudio.operations.context import Context
    from tlstudio.operations.run import run_operation as run

    context = Context(run_id="bench", emit=emit, control=control or Control())
    return run(operation_id, arguments, context=context)


def train(
    folder: str | Path, recipe: Recipe, run: str | Path, *, emit: Emit = ignore
) -> tuple[float, Values]:
    """Seconds of the operation `train` from the folder to the final figures, and its result."""
    started = time.perf_counter()
    result = run_operation("train", folder=folder, run=run, recipe=recipe, emit=emit)
    return time.perf_counter() - started, result


def warm_up(*, folder: str, place: str, recipe: Values) -> float:
    """Seconds of the first run of a process, on other images: imports and whatever is chosen once."""
    started = time.perf_counter()
    train(folder, build_recipe(recipe), Path(place) / "warm-up")
    return time.perf_counter() - started


def drop_to_head(*, warm: Values, folder: str, run: str, recipe: Values) -> Values:
    """Seconds from the folder to a trained head with its figures, with nothing of the images cached.

    `whole_seconds` are those to the end of the run, with all that says how far to trust the figures.
    """
    first = warm_up(**warm)
    evaluated: list[float] = []

    def note(event: Event) -> None:
        if isinstance(event, ClassifierEvaluated):
            evaluated.append(time.perf_counter())

    started = time.perf_counter()
    whole, result = train(folder, build_recipe(recipe), run, emit=note)
    return {
        "first_run_seconds": first,
        "seconds": evaluated[0] - started,
        "whole_seconds": whole,
        "result": result,
    }


def epochs(*, warm: Values, folder: str, run: str, recipe: Values) -> Values:
    """Seconds of each epoch from the cache, validation included; activations are there already.

    The first epoch is left out: it may read what the frozen side has just written.
    """
    warm_up(**warm)
    ended: list[float] = []

    def note(event: Event) -> None:
        if isinstance(event, EpochEnded) and event.epoch >= 1:
            ended.append(time.perf_counter())

    _, result = train(folder, build_recipe(recipe), run, emit=note)
    return {
        "epoch_seconds": [after - before for before, after in itertools.pairwise(ended)],
        "features_seconds": result["seconds"]["features"],
    }


def steps(*, folder: str, run: str, recipe: Values, count: int) -> Values:
    """Seconds of each optimiser step of a training with nothing frozen, the batches' making included."""
    control, ended = Control(), []

    def note(event: Event) -> None:
        if isinstance(event, BatchEnded):
            ended.append(time.perf_counter())
            if len(ended) > count:
                control.cancel()

    with contextlib.suppress(Cancelled):
        run_operation(
            "train",
            folder=folder,
            run=run,
            recipe=recipe,
            emit=note,
            control=control,
        )
    return {"step_seconds": [after - before for before, after in itertools.pairwise(ended)]}


def second_run(*, folder: str, place: str, recipes: list[Values]) -> Values:
    """Seconds from "Train" to the end of the first epoch, in a project whose images were trained on before.

    Args:
        folder: Photos.
        place: For the project.
        recipes: The first is trained to fill the cache; each other one is measured.
    """
    from tlstudio.engine.warm_up import warm_up as warm_up_engine
    from tlstudio.project.store import Project

    warm_up_engine(Control())
    with Project.create(Path(place) / "second-run", name="bench", images_root=Path(folder)) as project:
        run_operation("scan-project", project=project.folder)
        first_epochs = []
        for number, recipe in enumerate(recipes):
            ended: list[float] = []

            def note(event: Event, ended: list[float] = ended) -> None:
                if isinstance(event, EpochEnded) and event.epoch >= 1 and not ended:
                    ended.append(time.perf_counter())

            started = time.perf_counter()
            run_operation(
                "train-project",
                project=project.folder,
                run=project.runs_folder / f"run-{number}",
                recipe=recipe,
                emit=note,
            )
            first_epochs.append(ended[0] - started)
    return {"first_epoch_seconds": first_epochs[1:]}


def predict(*, folder: str, run: str, few: int, many: int) -> Values:
    """Images a second of `predict` over a folder, and how much memory grows from few images to many."""
    train(folder, Recipe(), run)
    files = sorted(Path(folder).glob("*/*.jpg"))
    figures = {}
    for count in (few, many):
        paths = list(_around(files, count))
        started, peak = time.perf_counter(), 0
        for number, _ in enumerate(predictions(run, paths)):
            if number % 16 == 0:
                peak = max(peak, resident_memory_bytes() or 0)
        figures[count] = (time.perf_counter() - started, peak)
    seconds, peak = figures[many]
    return {"images_per_second": many / seconds, "growth_mb": (peak - figures[few][1]) / 1e6}


def predictions(model: str | Path, paths: list[Path], *, csv: Path | None = None, emit: Emit = ignore) -> Any:
    """Predictions one at a time, so that memory can be looked at meanwhile."""
    from tlstudio.operations.context import Context
    from tlstudio.operations.predict import iter_predictions
    from tlstudio.specs.operations.predict import PredictArguments

    arguments = PredictArguments(model=Path(model), paths=tuple(paths), csv=csv)
    return iter_predictions(arguments, Context(run_id="bench", emit=emit))


def _around(files: list[Path], count: int) -> Iterator[Path]:
    return (files[number % len(files)] for number in range(count))


TASKS: dict[str, Callable[..., Any]] = {
    "drop_to_head": drop_to_head,
    "epochs": epochs,
    "steps": steps,
    "second_run": second_run,
    "predict": predict,
}


def measure(*, task: str, **arguments: Any) -> Any:
    """One of `TASKS`."""
    return TASKS[task](**arguments)


if __name__ == "__main__":
    answer(measure)

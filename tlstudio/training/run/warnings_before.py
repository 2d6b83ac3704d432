"""Warns, before a run trains, of what is not used, what is kept for nothing, and what lies on both sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tlstudio.compute.device import DeviceChoice
from tlstudio.core.dataset import Dataset
from tlstudio.core.events import Emit, WarningRaised
from tlstudio.core.wording import count as counted
from tlstudio.data.leaks import find_leaks, leak_sentences
from tlstudio.data.naming import hidden_sentence
from tlstudio.data.windows import SHOWN_AT_ONCE, summaries_by_layout
from tlstudio.features.images import RunImage
from tlstudio.training.run.preparation import Preparation


def warn_before(
    dataset: Dataset,
    preparation: Preparation,
    device: DeviceChoice,
    *,
    also_used: Iterable[RunImage] = (),
    run_id: str,
    emit: Emit,
) -> None:
    """Say what is noteworthy about a run before it trains.

    Args:
        dataset: The images.
        preparation: Of the run.
        device: Where it computes.
        also_used: Images without a label in the first column that are learned from.
        run_id: Written into events.
        emit: Receives the warnings.
    """

    def warn(
        code: str,
        message: str,
        paths: Iterable[str] = (),
        reasons: Iterable[str] = (),
        *,
        is_note: bool = False,
    ) -> None:
        raised = WarningRaised(
            run_id=run_id,
            code=code,
            message=message,
            paths=tuple(paths),
            reasons=tuple(reasons),
            severity="note" if is_note else "warning",
        )
        emit(raised)

    for data_note in dataset.notes:
        sentences = f"{data_note.message} {data_note.mend}".rstrip()
        warn(data_note.code, sentences, data_note.paths, is_note=not data_note.is_warning)
    for sentence, paths in leak_sentences(find_leaks(dataset.images, preparation.split.assignment)):
        warn("copies-across", sentence, paths)
    if dataset.hidden_files:
        warn("hidden-files", hidden_sentence(dataset.hidden_files), is_note=True)
    if device.reason:
        warn("device", f"{device.reason} The processor is used instead.")
    warn_of_problems(dataset, run_id=run_id, emit=emit)
    used = {image.path for image in also_used}
    unlabelled = tuple(
        image.path
        for image in dataset.images
        if dataset.column().name not in image.labels and image.path not in used
    )
    if unlabelled:
        images = counted(len(unlabelled), "image is", plural="images are")
        message = f"{images} not used: no label yet."
        warn("unlabelled", message, unlabelled, is_note=True)
    if preparation.unused:
        images = counted(len(preparation.unused), "image is", plural="images are")
        message = f"{images} not used: added after this run began."
        warn("added-later", message, preparation.unused)
    for summaries in summaries_by_layout(dataset.images).values():
        channels = len(summaries[0].least)
        if channels > SHOWN_AT_ONCE and not preparation.recipe.values.channels:
            message = (
                f"Of {channels} channels the first {SHOWN_AT_ONCE} are seen. Pick those that matter "
                "under Brightness on the Data page."
            )
            warn("channels", message)
    for note in preparation.split.notes:
        warn("split", note, is_note=True)
    if preparation.images["train"] and not preparation.images["validation"]:
        warn(
            "no-validation",
            "There are no check images: settings are chosen by cross-validation on the training images"
            + (", and fine-tuning keeps its last epoch." if preparation.recipe.kept_epoch == "best" else "."),
        )
    if not preparation.images["test"]:
        warn(
            "no-test", "There are no test images, so it is not known how good the classifier is on new ones."
        )


def warn_of_problems(dataset: Dataset, *, run_id: str, emit: Emit) -> None:
    """Name the files that cannot be used, with their reasons; nothing is said where all can."""
    if not dataset.problems:
        return
    count = Counter(problem.code for problem in dataset.problems)
    kinds = ", ".join(f"{number} {code}" for code, number in sorted(count.items()))
    emit(
        WarningRaised(
            run_id=run_id,
            code="skipped",
            message=f"{counted(len(dataset.problems), 'file is', plural='files are')} not used ({kinds}).",
            paths=tuple(problem.path for problem in dataset.problems),
            reasons=tuple(f"{problem.reason} {problem.mend}" for problem in dataset.problems),
        )
    )

"""What a run's events mean, in plain words: the strategy, what is happening, and what to watch out for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tlstudio.core.events import EpochEnded, JobCancelled, JobFailed, JobSucceeded
from tlstudio.gui.number_text import duration, memory, percent, percent_interval
from tlstudio.gui.pages.evaluate.text import guessing_notes
from tlstudio.gui.pages.train.curve import CurveState
from tlstudio.gui.widgets.lists.note_list import Note, worst_first
from tlstudio.report.recipe_text import choice_words, curve_unit, line_words

WIDE_GAP = 0.15
OVERFITTING = "Over-fitting"
FEW_IMAGES = 10
MOST_NAMED = 4

STRATEGIES = {"linear-probe": "only the head learns", "fine-tune": "fine-tuning"}


def epoch_word(recipe: Mapping[str, Any]) -> str:
    """What one point of the curves is, "epoch" or "setting"; see `curve_unit`."""
    head = str((recipe.get("head") or {}).get("kind", "linear"))
    return curve_unit(str(recipe.get("strategy", "linear-probe")), head=head) if recipe else "epoch"


def strategy_in_words(recipe: Mapping[str, Any]) -> str:
    """The way of learning, e.g. "fine-tuning from blocks 4 up"."""
    strategy, freeze = str(recipe.get("strategy", "linear-probe")), str(recipe.get("freeze", "head"))
    words = STRATEGIES.get(strategy, strategy)
    if freeze == "auto":
        return "choosing the freeze line"
    if strategy == "linear-probe":
        return words
    if freeze == "head":
        return f"{words} of the head alone"
    if freeze == "none":
        return f"{words} of all stages"
    return f"{words} {line_words(freeze)}"


def progress_in_words(state: CurveState) -> str:
    """Time left, speed and memory, as far as they are known."""
    parts = []
    if state.seconds_left is not None:
        parts.append(f"{duration(state.seconds_left)} left")
    if state.images_per_second:
        parts.append(f"{state.images_per_second:,.0f} images/s".replace(",", " "))
    if state.latest is not None and state.latest.memory_bytes:
        parts.append(memory(state.latest.memory_bytes))
    return " · ".join(parts)


def stage_in_words(state: CurveState) -> str:
    """What comes before or after the epochs, with its count where it has one."""
    title = state.stage.title if state.stage else "Getting ready"
    if state.progress is None or not state.progress.total:
        return title
    return f"{title} · {state.progress.done} of {state.progress.total}"


def waiting_in_words(state: CurveState, *, word: str, running: bool, seconds: float) -> str:
    """What stands in the place of a curve that has no point yet.

    Args:
        state: After the newest event.
        word: What a point of the curves is.
        running: Whether the run is being trained right now.
        seconds: Since what runs now began.
    """
    if not running:
        return f"No {word} has ended."
    # Some parts cannot count what they do; the clock shows that they live.
    then = f"The curve begins with the first {word}."
    if state.trials or (state.stage is not None and state.stage.stage == "choice"):
        then = "The curve begins when the freeze line is chosen."
    clock = "" if state.progress is not None or seconds < 2 else f" · {duration(seconds)}"
    return f"{stage_in_words(state)}{clock}\n{then}"


def story(state: CurveState, recipe: Mapping[str, Any], *, running: bool) -> str:
    """What is happening, in a few sentences.

    Args:
        state: After the newest event.
        recipe: Settings of the run, plain values.
        running: Whether the run is being trained right now.
    """
    word = epoch_word(recipe)
    if running:
        sentences = [
            _choice(state, recipe),
            _start(state),
            _learning(state, recipe, word=word),
            _now(state, word=word),
        ]
    else:
        sentences = [_choice(state, recipe), _start(state), _end(state, word=word)]
    return " ".join(sentence for sentence in sentences if sentence)


def _choice(state: CurveState, recipe: Mapping[str, Any]) -> str:
    """What was chosen of the freeze lines that were tried, once that is settled."""
    if not state.trials or recipe.get("freeze") == "auto":
        return ""
    return choice_words(state.trials)


def _start(state: CurveState) -> str:
    if len(state.epochs) < 2:
        return ""
    first = state.epochs[0]
    if first["epoch"] != 0 or first["validation_accuracy"] is None:
        return ""
    before = percent(first["validation_accuracy"])
    return f"Before the first step {before} of the validation images were right."


def _learning(state: CurveState, recipe: Mapping[str, Any], *, word: str) -> str:
    latest, waiting = state.latest, state.epochs_without_gain
    if latest is None or latest.epoch == 0:
        return ""
    if word == "setting":
        return (
            "The head is fitted again and again, each time with a weaker brake (regularisation) against "
            "learning the images by heart. Each point of the curves is one such setting; "
            f"setting {state.best_epoch} does best so far."
        )
    if latest.validation_loss is None:
        return "There are no validation images, so nothing tells the best epoch; the last one is kept."
    if waiting == 0:
        return f"Epoch {latest.epoch} is the best on the validation images so far: it is still learning."
    said = f"No better result on the validation images for {waiting} {'epoch' if waiting == 1 else 'epochs'}"
    patience = int(recipe.get("patience") or 0)
    if patience:
        return f"{said}; the run stops by itself after {patience}."
    return f"{said}; {_kept(state.best_epoch)} is kept as the best."


def _kept(epoch: int) -> str:
    return f"epoch {epoch}" if epoch else "the start (epoch 0)"


def _now(state: CurveState, *, word: str) -> str:
    if state.paused:
        return "The run is paused and goes on where it is when you press Resume."
    if not state.is_learning and state.stage is not None:
        told = f"{state.stage.title}."
        if state.stage.stage == "features" and state.trials:
            told = f"The freeze line is being chosen.{_tried(state)}"
        elif state.stage.stage == "features":
            then = "each epoch afterwards is" if word == "epoch" else "fitting the head is"
            told += (
                " The frozen part of the backbone looks at every image once; its answers are kept, "
                f"so {then} quick."
            )
        elif state.stage.stage == "choice":
            told += _tried(state)
        elif state.stage.stage == "head":
            told += " The new head learns your classes first; then the stages above the freeze line adapt."
        return told
    return "The run is getting ready." if state.latest is None else ""


def trials_in_words(trials: Sequence[Mapping[str, Any]]) -> str:
    """Every try with its accuracy, for those who do not see the figure."""
    return "; ".join(
        f"{line_words(trial['freeze'])}: {percent(trial['accuracy'], digits=1)}"
        + (", the best so far" if trial["best"] else "")
        for trial in trials
    )


def _tried(state: CurveState) -> str:
    best = next((trial for trial in reversed(state.trials) if trial["best"]), None)
    if best is None:
        return " Then stages train too, one by one from the top; what gains more than chance is taken."
    return (
        f" The best so far is {line_words(best['freeze'])} with {percent(best['accuracy'], digits=1)}. "
        "Stop ends the tries and trains it."
    )


def _end(state: CurveState, *, word: str) -> str:
    final = state.final
    if isinstance(final, JobFailed):
        return " ".join(part for part in (final.what, final.work, final.mend) if part)
    if isinstance(final, JobSucceeded):
        return _success(state, final, word=word)
    how = "You cancelled this run" if isinstance(final, JobCancelled) else "This run was interrupted"
    if state.latest is None:
        return f"{how} before its first {word} ended. Resume starts it again."
    return f"{how} after {word} {state.epoch}. Nothing was lost: Resume goes on from the last checkpoint."


def _success(state: CurveState, final: JobSucceeded, *, word: str) -> str:
    sentences = ["The run is finished."]
    if state.latest is not None and state.latest.validation_loss is not None:
        if state.best_epoch == 0 and state.epoch > 0:
            sentences = [
                "No epoch was better than the starting point on the validation images, "
                "so the run gave back its starting point."
            ]
        else:
            sentences = [f"The run is finished; {word} {state.best_epoch} was the best and is the one kept."]
    if word == "epoch" and 0 < state.epoch < state.planned:
        sentences.append(f"It ended after {word} {state.epoch} of {state.planned}.")
    seconds = (final.result.get("seconds") or {}).get("total")
    if seconds is not None:
        sentences.append(f"It took {duration(seconds)}.")
    return " ".join(sentences)


def checks(state: CurveState, classes: Sequence[str]) -> list[Note]:
    """What speaks for and against the run.

    Args:
        state: After the newest event.
        classes: Names, in the order of the validation matrix.
    """
    notes: list[Note] = []
    shown = state.best or state.latest
    if shown is not None and shown.confusion:
        notes += [
            *guessing_notes(shown.validation_accuracy, shown.confusion),
            *_gap(state),
            *_few_images(shown, classes),
        ]
    elif shown is not None and shown.validation_n == 0:
        text = "No validation images: nothing warns you of over-fitting. Keep some in Data → Split."
        notes.append(Note("warn", text))
    told = [Note("warn", warning.message) for warning in state.warnings]
    if any(warning.code == "overfitting" for warning in state.warnings):
        notes = [note for note in notes if not note.text.startswith(OVERFITTING)]
    return worst_first([*notes, *told])


def _gap(state: CurveState) -> list[Note]:
    latest = state.latest
    if latest is None or latest.train_accuracy is None or latest.validation_accuracy is None:
        return []
    gap = latest.train_accuracy - latest.validation_accuracy
    if gap < WIDE_GAP:
        points = f"{max(100 * gap, 0):.0f} points"
        tip = "How much better the training images are answered than the validation images."
        return [Note("ok", f"No over-fitting so far (gap {points})", tip)]
    text = (
        f"{OVERFITTING}: {percent(latest.train_accuracy)} of the training images are right but only "
        f"{percent(latest.validation_accuracy)} of the validation images. More images, more variation "
        "of them, or a freeze line higher up help."
    )
    return [Note("warn", text)]


def _few_images(epoch: EpochEnded, classes: Sequence[str]) -> list[Note]:
    counts = [(sum(row), name) for row, name in zip(epoch.confusion, classes, strict=False)]
    few = sorted((count, name) for count, name in counts if count < FEW_IMAGES)
    if not few:
        return []
    if len(few) == 1:
        count, name = few[0]
        images = "image" if count == 1 else "images"
        return [Note("warn", f"{name}: only {count} validation {images}")]
    named = ", ".join(f"{name} ({count})" for count, name in few[:MOST_NAMED])
    more = f" and {len(few) - MOST_NAMED} more" if len(few) > MOST_NAMED else ""
    return [Note("warn", f"Fewer than {FEW_IMAGES} validation images: {named}{more}")]


def validation_chip(state: CurveState, *, short: bool = False) -> str:
    """The validation accuracy of the kept epoch with its interval; empty while there is none."""
    best = state.best
    if best is None or best.validation_accuracy is None:
        return ""
    interval = best.validation_interval
    if short:
        within = f" ({percent_interval(interval)})" if interval else ""
        return f"{percent(best.validation_accuracy, digits=1)}{within}"
    within = f" (95 % interval {percent_interval(interval)})" if interval else ""
    return f"validation {percent(best.validation_accuracy, digits=1)}{within}"

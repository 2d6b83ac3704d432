"""Describes a run in plain words, from its events: strategy, progress, warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tlstudio.core.events import JobCancelled, JobFailed, JobSucceeded, TrialEnded
from tlstudio.core.finding import Finding, Severity, most_severe_first
from tlstudio.core.freeze_words import line_words
from tlstudio.core.percent import percent
from tlstudio.core.types import SPLIT_WORDS, SplitName
from tlstudio.core.wording import count
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.evaluation.verdict import verdict
from tlstudio.gui.number_text import duration, grouped, memory, percent_interval
from tlstudio.gui.pages.evaluate.text import verdict_of as evaluation_verdict
from tlstudio.gui.pages.run_warnings import warning_findings
from tlstudio.gui.widgets.basics.chip import Kind
from tlstudio.project.history import RunHistory
from tlstudio.report.history_values import trial_values
from tlstudio.report.kept_epoch import kept_words
from tlstudio.report.recipe_text import choice_words, strategy_words, trial_words
from tlstudio.specs import CHOOSE_FOR_ME, STRATEGIES
from tlstudio.specs.checks import better_than_guessing, strategy_helped
from tlstudio.specs.recipe import Recipe


def epoch_word(history: RunHistory, recipe: Mapping[str, Any]) -> str:
    """Name one point of the curves, "epoch" or "setting"; before the first one, by the strategy.

    A head with a hidden layer is trained in epochs by every strategy.
    """
    if history.epochs or not recipe:
        return history.axis
    strategy, head = _strategy_id(recipe), str((recipe.get("head") or {}).get("kind", "linear"))
    return STRATEGIES.get(strategy).curve_axis if head == "linear" and strategy in STRATEGIES else "epoch"


def strategy_in_words(recipe: Mapping[str, Any], *, start_returned: bool = False) -> str:
    """The strategy and what it trains, e.g. "fine-tuning from blocks 4 up".

    Args:
        recipe: Plain values.
        start_returned: Whether the strategy did not help, so that the run kept the plain start.
    """
    strategy, freeze = _strategy_id(recipe), str(recipe.get("freeze", "head"))
    if freeze == CHOOSE_FOR_ME.id:
        return "choosing the freeze line"
    if start_returned or strategy not in STRATEGIES:
        return strategy_words(strategy, start_returned=start_returned)
    spec = STRATEGIES.get(strategy)
    if not spec.trains_stages:
        return spec.short
    if freeze == "head":
        return spec.short if spec.fits_any_line else f"{spec.short} of the head alone"
    if freeze == "none":
        return f"{spec.short} of all stages"
    return f"{spec.short} {line_words(freeze)}"


def start_returned(history: RunHistory) -> bool:
    """Return whether the strategy did not help, so that the run kept the plain start."""
    return any(warning.code == strategy_helped.SPEC.id for warning in history.warnings)


def _strategy_id(recipe: Mapping[str, Any]) -> str:
    return str(recipe.get("strategy") or Recipe().strategy)


def progress_in_words(history: RunHistory) -> str:
    """Time left, speed and memory, as far as they are known."""
    parts = []
    if history.seconds_left is not None:
        parts.append(f"{duration(history.seconds_left)} left")
    if history.images_per_second:
        parts.append(f"{count(round(history.images_per_second), 'image', digits=grouped)}/s")
    if history.latest is not None and history.latest.memory_bytes:
        parts.append(f"{memory(history.latest.memory_bytes)} of memory")
    return " · ".join(parts)


def stage_in_words(history: RunHistory) -> str:
    """Describe the stage before or after the epochs, with its count where it has one."""
    title = history.stage.title if history.stage else "Getting ready"
    if history.progress is None or not history.progress.total or is_trying(history):
        return title
    return f"{title} · {history.progress.done} of {history.progress.total}"


def is_trying(history: RunHistory) -> bool:
    """Return whether freeze lines are being tried right now."""
    return history.stage is not None and history.stage.stage == "choice" and not history.is_learning


def result_in_words(history: RunHistory) -> str:
    """The accuracy of a run that is trained to its end, of its test images where it has any; empty before."""
    part = _result(history)
    if part is None:
        return ""
    side, values = part
    interval = values.get("interval")
    within = f" (95 % interval {percent_interval(tuple(interval))})" if interval else ""
    images = count(values["n"], f"{SPLIT_WORDS[side]} image")
    return f"{percent(float(values['accuracy']), digits=1)} of {images} right{within}"


def result_accuracy(history: RunHistory) -> float | None:
    """The accuracy in `result_in_words`, a fraction; None before."""
    part = _result(history)
    return None if part is None else float(part[1]["accuracy"])


def _result(history: RunHistory) -> tuple[SplitName, Mapping[str, Any]] | None:
    if history.final is None and history.evaluated is not None:
        return history.evaluated.side, asdict(history.evaluated)
    if not isinstance(history.final, JobSucceeded):
        return None
    sides: tuple[SplitName, ...] = ("test", "validation")
    for side in sides:
        values = history.final.result.get(side) or {}
        if values.get("n") and values.get("accuracy") is not None:
            return side, values
    return None


def waiting_in_words(history: RunHistory, *, word: str, running: bool, seconds: float) -> str:
    """The text in place of a curve that has no point yet.

    Args:
        history: After the newest event.
        word: What a point of the curves is.
        running: Whether the run is being trained right now.
        seconds: Since what runs now began.
    """
    if not running:
        return f"This run ended before its first {word}, so there is no curve."
    # Some stages have no count; the elapsed time shows that they are running.
    then = f"The curve begins with the first {word}."
    if history.trials or is_trying(history):
        then = "The curve begins when the freeze line is chosen."
    clock = "" if history.progress is not None or seconds < 2 else f" · {duration(seconds)}"
    return f"{stage_in_words(history)}{clock}\n{then}"


def story(history: RunHistory, recipe: Mapping[str, Any], *, running: bool) -> str:
    """Describe what is happening, in a few sentences.

    Args:
        history: After the newest event.
        recipe: Settings of the run, plain values.
        running: Whether the run is being trained right now.
    """
    word = epoch_word(history, recipe)
    if running:
        sentences = [
            _choice(history, recipe),
            _start(history),
            _learning(history, recipe, word=word) if history.is_learning else "",
            _now(history, word=word),
        ]
    elif isinstance(history.final, JobFailed):
        sentences = [_end(history, word=word)]  # what to do now must not be below the edge
    else:
        sentences = [_choice(history, recipe), _start(history), _end(history, word=word)]
    return " ".join(sentence for sentence in sentences if sentence)


def _choice(history: RunHistory, recipe: Mapping[str, Any]) -> str:
    """Describe which of the tried freeze lines was chosen; empty until the choice is made."""
    if not history.trials or recipe.get("freeze") == CHOOSE_FOR_ME.id:
        return ""
    return choice_words(trial_values(history))


def _start(history: RunHistory) -> str:
    if len(history.epochs) < 2:
        return ""
    first = history.epochs[0]
    if first.epoch != 0 or first.validation_accuracy is None:
        return ""
    before = percent(first.validation_accuracy)
    return f"Before the first step {before} of the check images were right."


def _learning(history: RunHistory, recipe: Mapping[str, Any], *, word: str) -> str:
    latest, waiting = history.latest, history.epochs_without_gain
    if latest is None or latest.epoch == 0:
        return "The first epoch is under way." if word == "epoch" else ""
    if word == "setting":
        return (
            "The head is fitted several times, each time with weaker regularisation, which keeps it from "
            "memorising single images. Each point of the curves is one such setting; "
            f"setting {history.best_epoch} does best so far."
        )
    if latest.validation_loss is None:
        return "No check images were kept apart to compare the epochs by, so the last epoch is kept."
    if waiting == 0:
        return f"Epoch {latest.epoch} is the best on the check images so far: it is still learning."
    progress = f"No better result on the check images for {count(waiting, 'epoch')}"
    patience = int(recipe.get("patience") or 0)
    if patience:
        return f"{progress}; the run stops by itself after {patience}."
    if history.best_epoch == latest.epoch:
        return f"{progress}; the last epoch counts, so it goes on to its end."
    kept = f"epoch {history.best_epoch}" if history.best_epoch else "the start (epoch 0)"
    return f"{progress}; {kept} is kept so far."


def _now(history: RunHistory, *, word: str) -> str:
    if history.paused:
        return "The run is paused. Press Resume to continue."
    if not history.is_learning and history.stage is not None:
        sentences = f"{history.stage.title}."
        if history.evaluated is not None:
            return (
                "It is trained, and its accuracy is known. What is still computed says how far to trust it: "
                f"{history.stage.title[:1].lower()}{history.stage.title[1:]}."
            )
        if history.stage.stage == "features":
            then = "each epoch afterwards is" if word == "epoch" else "fitting the head is"
            sentences += (
                " The frozen part of the backbone looks at every image once; the results are kept, "
                f"so {then} quick."
            )
        elif is_trying(history):
            sentences += _tried(history)
        elif history.stage.stage == "head":
            sentences += (
                " The new head learns your classes first; then the stages above the freeze line adapt."
            )
        elif history.stage.stage == "new-head":
            sentences += " The stages have learned; the head is solved once more for what they see now."
        return sentences
    return "The run is getting ready." if history.latest is None else ""


def trials_in_words(trials: Sequence[TrialEnded]) -> str:
    """List every trial with its accuracy, for people who do not see the figure."""
    return "; ".join(
        f"{trial_words(asdict(trial))}: {percent(trial.accuracy, digits=1)}{_gain(trial)}"
        + (", the choice so far" if trial.best else "")
        for trial in trials
    )


def _gain(trial: TrialEnded) -> str:
    if trial.difference is None or trial.noise is None:
        return ""
    clearly = "clearly" if trial.difference > trial.noise else "not clearly"
    points = f"{100 * trial.difference:+.1f} points, give or take {100 * trial.noise:.1f}"
    return f" ({points}: {clearly} more)"


def _tried(history: RunHistory) -> str:
    best = next((trial for trial in reversed(history.trials) if trial.best), None)
    if best is None:
        return (
            " Then more stages train too, one by one from the top; more are used only if that is "
            "clearly better."
        )
    # What is higher in the figure and not chosen would be read as a mistake.
    is_higher = any(trial.accuracy > best.accuracy for trial in history.trials)
    chance = " What got more right is not clearly better." if is_higher else ""
    return (
        f" The choice so far is {trial_words(asdict(best))} with {percent(best.accuracy, digits=1)}.{chance} "
        "“Stop and keep it” ends the tries and uses it."
    )


def _end(history: RunHistory, *, word: str) -> str:
    final = history.final
    if isinstance(final, JobFailed):
        go_on = "Then press Resume." if final.goes_on else ""
        return " ".join(part for part in (final.what, final.work, final.mend, go_on) if part)
    if isinstance(final, JobSucceeded):
        return _success(history, final, word=word)
    how = "You cancelled this run" if isinstance(final, JobCancelled) else "This run was interrupted"
    if history.latest is None:
        return f"{how} before its first {word} ended. Resume starts it again."
    return f"{how} after {word} {history.epoch}. Nothing was lost: Resume continues from the last checkpoint."


def _success(history: RunHistory, final: JobSucceeded, *, word: str) -> str:
    sentences = ["The run is finished."]
    kept = kept_words(history)
    if kept:
        sentences.append(kept)
    if word == "epoch" and 0 < history.epoch < history.planned:
        sentences.append(f"It ended after {word} {history.epoch} of {history.planned}.")
    seconds = (final.result.get("seconds") or {}).get("total")
    if seconds is not None:
        sentences.append(f"It took {duration(seconds)}.")
    return " ".join(sentences)


def run_findings(
    history: RunHistory, classes: Sequence[str] = (), *, evaluation: Evaluation | None = None
) -> list[Finding]:
    """The findings about a run: the verdict, those of the checks, and the warnings of the training.

    Args:
        history: After the newest event.
        classes: In the order of the validation matrix; numbers stand for them while they are not known.
        evaluation: Behind the figure that a finished run ends with: verdict and checks are on its images.
    """
    # Those made during the training are on the check images: beside the figure they would be read as on it.
    found = (evaluation.findings if evaluation is not None else ()) or history.findings
    warnings = warning_findings(history.warnings, checks={finding.check for finding in found})
    # Two verdicts would be read as one on the same figure: a finished run has that of its result alone.
    judged = None if _result(history) else verdict_of(history, classes)
    if evaluation is not None:
        judged = evaluation_verdict(evaluation)
    others = [finding for finding in found if finding.check != better_than_guessing.SPEC.id]
    return [*([judged] if judged else []), *most_severe_first([*others, *warnings])]


def verdict_of(history: RunHistory, classes: Sequence[str] = ()) -> Finding | None:
    """Judge in one sentence whether the classifier is usable, by the validation images of the kept epoch.

    It is made here and not read from the events, so that runs of every version are judged alike. None while
    there are no figures.
    """
    confusion = history.best.confusion if history.best is not None else ()
    if not any(map(sum, confusion)):
        return None
    names = classes if len(classes) == len(confusion) else [f"class {n + 1}" for n in range(len(confusion))]
    judged = verdict(confusion, names, images="check images")
    return Finding(
        check=better_than_guessing.SPEC.id,
        severity=judged.severity,
        message=judged.message,
        mend=judged.mend,
    )


VERDICT_KINDS: dict[Severity, Kind] = {"ok": "ok", "note": "plain", "warning": "warn", "serious": "bad"}
"""Colour of a figure, by the verdict on it."""


def validation_kind(history: RunHistory) -> Kind:
    """The colour of `validation_chip`: green only for a usable classifier."""
    judged = verdict_of(history)
    return VERDICT_KINDS[judged.severity] if judged else "plain"


def validation_chip(history: RunHistory, *, short: bool = False) -> str:
    """The validation accuracy of the kept epoch with its interval; empty while there is none."""
    best = history.best
    if best is None or best.validation_accuracy is None:
        return ""
    interval = best.validation_interval
    if short:
        within = f" ({percent_interval(interval)})" if interval else ""
        return f"{percent(best.validation_accuracy, digits=1)}{within}"
    within = f" (95 % interval {percent_interval(interval)})" if interval else ""
    return f"check images {percent(best.validation_accuracy, digits=1)}{within}"

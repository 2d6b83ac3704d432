"""Chooses anew the probability below which a person is asked, and keeps it with a run."""

from __future__ import annotations

from dataclasses import replace

from tlstudio.core.ask_below import AskBelow
from tlstudio.core.errors import UserError
from tlstudio.evaluation.asking import (
    AskingRule,
    AskingRules,
    answered_at,
    choose_rule,
    read_rules,
    with_class_rules,
    write_rules,
)
from tlstudio.evaluation.asking_words import unreachable_words
from tlstudio.evaluation.run_result import read_whole_result
from tlstudio.evaluation.unseen import unseen_predictions
from tlstudio.project.runs import RunFolder


def keep_threshold(
    run: RunFolder,
    *,
    wish: float | None = None,
    threshold: float | None = None,
    per_class: bool = False,
    column: str = "",
) -> AskingRule:
    """Write the threshold of a run's label column.

    Args:
        run: A finished run.
        wish: Share of the answers that should be right.
        threshold: The threshold itself, where there is no wish.
        per_class: Whether classes with enough answers get thresholds of their own for the wish.
        column: Name of the label column; empty for the first one.

    Returns:
        The rule that is kept; its predictions and exports follow it from now on.

    Raises:
        UserError: The run is not finished or damaged, has no images to choose by, or none fulfils the wish.
    """
    validation = read_whole_result(run).validation
    column = column or next(iter(validation.columns))
    part = unseen_predictions(run, validation).get(column)
    if part is None or not part.labelled().paths:
        raise UserError(
            "This run has no images by which a threshold could be chosen: all are for learning or testing.",
            mend="Keep some images for checking, and train again.",
        )
    if wish is not None:
        rule = choose_rule(part, wish=wish)
        if rule is None:
            raise UserError(
                unreachable_words(wish, n=len(part.labelled().paths)),
                mend="Wish for less, or give it more images.",
            )
        if per_class:
            rule = with_class_rules(rule, part)
    else:
        below = threshold or 0.0
        rule = AskingRule(threshold=below, wish=None, found=answered_at(part, AskBelow(below)))
    earlier = read_rules(run) or AskingRules()
    write_rules(run, replace(earlier, columns={**earlier.columns, column: rule}))
    return rule

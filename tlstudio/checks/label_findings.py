"""The finding on labels that look wrong, of a data set and of what a classifier learned from alike."""

from __future__ import annotations

from collections.abc import Collection

from tlstudio.core.finding import Finding
from tlstudio.core.percent import percent, percent_range
from tlstudio.core.wording import count
from tlstudio.evaluation.label_scores import ScoredLabels


def labels_finding(
    scored: ScoredLabels,
    *,
    check: str,
    mend: str,
    which: str = "",
    called_right: Collection[str] = (),
) -> Finding:
    """Say how many labels look wrong, and name their images, the least plausible first.

    Args:
        scored: The labels, each compared with all other images.
        check: Id of the check.
        mend: What to do where some look wrong; `{them}` stands for "it" or "them".
        which: Which labels were compared, as a relative clause; empty for all.
        called_right: Paths of images whose labels a person called right; they are not named.
    """
    every, n = scored.suspected(), scored.judged
    suspected = [one for one in every if one.path not in called_right]
    unjudged = len(scored.labels) - n
    few = (
        f" {count(unjudged, 'label')} of classes with too few images could not be judged." if unjudged else ""
    )
    if len(suspected) < len(every):
        called = count(len(every) - len(suspected), "label")
        few += f" {called} that you called right {'is' if called.startswith('1 ') else 'are'} not named."
    which = f" {which}" if which else ""
    numbers: dict[str, float | int | str] = {
        "suspected": len(suspected),
        "n": n,
        "unjudged": unjudged,
        "rate": scored.rate,
        "low": scored.interval[0],
        "high": scored.interval[1],
    }
    if not suspected:
        return Finding(
            check=check,
            severity="ok",
            message=f"None of {'the ' if which else ''}{count(n, 'label')}{which} stands out as wrong.",
            meaning="Each label was compared with what all other images say about its image. At most "
            f"{percent(scored.interval[1])} of the labels are wrong, as far as that can show.{few}",
            numbers=numbers,
        )
    them = "it" if len(suspected) == 1 else "them"
    return Finding(
        check=check,
        severity="warning",
        message=f"{count(len(suspected), 'label looks', plural='labels look')} wrong, of {n}{which}.",
        meaning=f"What all other images say contradicts {them}; a rare or unusual image can be among {them}. "
        f"About {percent(scored.rate, digits=1)} of the labels are wrong, as estimated (95 % interval "
        f"{percent_range(*scored.interval, digits=1)} %).{few}",
        mend=mend.format(them=them),
        numbers=numbers,
        paths=tuple(one.path for one in suspected),
    )

"""Groups that file names suggest, such as several photos of one patient: offered, never assumed."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding, MendAction
from tlstudio.core.wording import count
from tlstudio.data.tables.name_groups import GuessedGroups, guess_groups
from tlstudio.specs.checks.guessed_groups import SPEC

SHOWN = 2
"""Groups that are named as examples."""


class GuessedGroupsCheck:
    """Offers the rule that file names suggest where no groups are given."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        images = evidence.dataset.images
        if any(image.group is not None for image in images):
            return [_ok("The images have groups, so none are guessed from their names.")]
        if any(image.given_split is not None for image in images):
            return [_ok("The division is given, so no groups are guessed from file names.")]
        labels = {image.path: name for image in images if (name := image.label()) is not None}
        guess = guess_groups([image.path for image in images], labels=labels)
        if guess is None:
            return [_ok("File names do not suggest that images belong together.")]
        return [_finding(guess, evidence)]


def _finding(guess: GuessedGroups, evidence: Evidence) -> Finding:
    several = guess.several
    related = sum(map(len, several.values()))
    examples = " and ".join(f"“{name}”" for name in list(several)[:SHOWN])
    apart = ""
    numbers: dict[str, float | int | str] = {
        "rule": guess.rule.pattern,
        "beginnings": len(several),
        "images": related,
        "n": len(guess.of_path),
    }
    if evidence.has("split"):
        sides = evidence.split.assignment
        straddling = sum(len({sides.get(path) for path in paths} - {None}) > 1 for paths in several.values())
        numbers["on_several_sides"] = straddling
        apart = f" Of these, {straddling} lie on several sides of the split now." if straddling else ""
    return Finding(
        check=SPEC.id,
        severity="note",
        message=f"{related} of {count(len(guess.of_path), 'image')} share the beginning of their file name "
        f"with others: {len(several)} beginnings, such as {examples}.{apart}",
        meaning="If these are images of one person, plant or thing each, they look alike, and a test with "
        "some of them is too easy when the others were learned from. Only you know whether that is so.",
        mend="If so, keep each group on one side: group the images by the "
        f"{guess.rule.title[0].lower()}{guess.rule.title[1:]} (pattern '{guess.rule.pattern}').",
        numbers=numbers,
        paths=tuple(path for paths in several.values() for path in paths),
        action=MendAction(kind="group", words="Group by file name…", rule=guess.rule.pattern),
    )


def _ok(message: str) -> Finding:
    return Finding(check=SPEC.id, severity="ok", message=message)


IMPLEMENTATION = GuessedGroupsCheck()

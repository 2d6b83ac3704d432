"""Images that are hardly to be seen: nearly black or white, blurred, empty, or of another size or shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.dataset import Image
from tlstudio.core.finding import Finding, MendAction
from tlstudio.core.wording import count
from tlstudio.data.near.look import LookFacts
from tlstudio.specs.checks.image_quality import SPEC

Values = NDArray[np.float64]

MOST_SHARE = 0.1
"""Share of the images above which a fault is no exception any more: it is said, but may be as it should."""
FEWEST = 10
"""Images from which on it can be said how the others are."""
HIDDEN = 0.16
"""Reach of the brightness of a picture from black, or from white, up to which little is to be seen:
the mean and twice the standard deviation. Guitars on black reach .27, pencil drawings on white .19."""
EMPTY = 0.02
"""Contrast up to which nothing is to be seen; a glass plate on a white table has .03."""
BLURRED, MORE_BLURRED = 0.65, 4.0
"""Least blur, and by how many spreads of the others it must be above their median."""
LEAST_SPREAD = 0.05
SMALL_SIDE, SMALLER = 112, 4.0
"""Shorter side in pixels below which an image is small if those of most others are so many times longer."""
OTHER_SHAPE = 2.5
"""By what an image is longer in proportion to its width than most others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    """A fault of images.

    Attributes:
        id: Name in the numbers of a finding.
        words: Rest of a sentence about one image, and about several.
        mend: What can be done.
        can_be_usual: Whether more than half of the images of a sound set may have it, as of cells on black.
        is_so: Of N images, which have it: bool [N].
    """

    id: str
    words: tuple[str, str]
    mend: str
    can_be_usual: bool = True
    is_so: Callable[[Sequence[Image], Sequence[LookFacts]], NDArray[np.bool_]]


class ImageQuality:
    """One finding for each fault that images have, unless most have it and sound images may."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        looks = evidence.data_facts.looks
        images = [image for image in evidence.dataset.images if image.path in looks]
        facts = [looks[image.path] for image in images]
        findings: list[Finding] = []
        usual: list[str] = []
        explained = np.zeros(len(images), dtype=bool)
        for fault in _FAULTS if len(images) >= FEWEST else ():
            # A black picture is empty and blurred, too: one fault explains it.
            has_it = fault.is_so(images, facts) & ~explained
            if not has_it.any():
                continue
            explained |= has_it
            paths = [image.path for image, has in zip(images, has_it, strict=True) if has]
            if len(paths) <= max(1, MOST_SHARE * len(images)):
                findings.append(_finding(fault, paths))
            elif fault.can_be_usual and len(paths) > len(images) / 2:
                usual.append(f"{len(paths)} of {len(images)} images {fault.words[1]}")
            else:
                findings.append(_common(fault, paths, of=images))
        if findings:
            return findings
        if usual:
            message = f"{' and '.join(usual)}: that is taken for how images of this kind look."
            return [Finding(check=SPEC.id, severity="ok", message=message)]
        if len(images) < FEWEST:
            message = f"With fewer than {FEWEST} images it cannot be said which are unlike the others."
            return [Finding(check=SPEC.id, severity="note", message=message)]
        message = "No image is too dark, too bright, blurred, empty, or of another size or shape than most."
        return [Finding(check=SPEC.id, severity="ok", message=message)]


def _finding(fault: _Fault, paths: Sequence[str]) -> Finding:
    return Finding(
        check=SPEC.id,
        severity="warning",
        message=f"{count(len(paths), 'image')} {fault.words[len(paths) > 1]}.",
        meaning="Little can be learned from them, and in the test they count like all others.",
        mend=fault.mend,
        numbers={"fault": fault.id, "images": len(paths)},
        paths=tuple(paths),
        action=MendAction(
            kind="leave-out", words=f"Leave out {count(len(paths), 'image')}", paths=tuple(paths)
        ),
    )


def _common(fault: _Fault, paths: Sequence[str], *, of: Sequence[Image]) -> Finding:
    """The note on a fault that many images have: only a person can say whether they are as they should be."""
    having = set(paths)
    classes = {image.label() for image in of if image.path in having}
    others = {image.label() for image in of if image.path not in having}
    only = next(iter(classes)) if len(classes) == 1 and classes != others else None
    alone = f" All of them are labelled “{only}”: it is then told by that alone." if only else ""
    return Finding(
        check=SPEC.id,
        severity="note",
        message=f"{len(paths)} of {count(len(of), 'image')} {fault.words[1]}.",
        meaning=f"If that is how such images look, all is well; else little can be learned from them.{alone}",
        mend=f"Look at some. {fault.mend}",
        numbers={"fault": fault.id, "images": len(paths), "n": len(of)},
        paths=tuple(paths),
    )


def _column(facts: Sequence[LookFacts], name: str) -> Values:
    return np.array([getattr(fact, name) for fact in facts], dtype=np.float64)


def _is_dark(images: Sequence[Image], facts: Sequence[LookFacts]) -> NDArray[np.bool_]:
    return _column(facts, "brightness") + 2 * _column(facts, "contrast") < HIDDEN


def _is_bright(images: Sequence[Image], facts: Sequence[LookFacts]) -> NDArray[np.bool_]:
    return 1 - _column(facts, "brightness") + 2 * _column(facts, "contrast") < HIDDEN


def _is_empty(images: Sequence[Image], facts: Sequence[LookFacts]) -> NDArray[np.bool_]:
    return _column(facts, "contrast") < EMPTY


def _is_blurred(images: Sequence[Image], facts: Sequence[LookFacts]) -> NDArray[np.bool_]:
    blur = _column(facts, "blur")
    middle = float(np.median(blur))
    spread = max(LEAST_SPREAD, 1.4826 * float(np.median(np.abs(blur - middle))))
    return blur >= max(BLURRED, middle + MORE_BLURRED * spread)


def _is_small(images: Sequence[Image], facts: Sequence[LookFacts]) -> NDArray[np.bool_]:
    sides = np.array([min(image.width, image.height) for image in images])
    return sides < min(SMALL_SIDE, float(np.median(sides)) / SMALLER)


def _is_long(images: Sequence[Image], facts: Sequence[LookFacts]) -> NDArray[np.bool_]:
    longer = [max(image.width, image.height) / max(1, min(image.width, image.height)) for image in images]
    return np.array(longer) > OTHER_SHAPE * np.median(longer)


_OUT = "Take them anew, or leave them out if not even you can tell what they show."
_FAULTS = (
    _Fault(id="dark", words=("is nearly black", "are nearly black"), mend=_OUT, is_so=_is_dark),
    _Fault(id="bright", words=("is nearly white", "are nearly white"), mend=_OUT, is_so=_is_bright),
    _Fault(
        id="empty",
        words=("shows next to nothing", "show next to nothing"),
        mend=_OUT,
        can_be_usual=False,
        is_so=_is_empty,
    ),
    _Fault(
        id="blurred",
        words=("is far more blurred than the others", "are far more blurred than the others"),
        mend=_OUT,
        is_so=_is_blurred,
    ),
    _Fault(
        id="small",
        words=("has far fewer pixels than the others", "have far fewer pixels than the others"),
        mend="Use the original images, not their previews, or leave them out.",
        is_so=_is_small,
    ),
    _Fault(
        id="long",
        words=("is far longer than wide, unlike the others", "are far longer than wide, unlike the others"),
        mend="Cut them to what matters, or leave them out: only the middle is seen.",
        is_so=_is_long,
    ),
)

IMPLEMENTATION = ImageQuality()

"""Near-duplicates: pictures of one scene that were saved, resized, cut or turned a little differently."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tlstudio.checks.copies import columns_in_conflict
from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.dataset import Image
from tlstudio.core.finding import Finding, MendAction, Severity
from tlstudio.core.types import SplitName
from tlstudio.core.wording import count
from tlstudio.specs.checks.near_duplicates import SPEC

Cluster = list[Image]


class NearDuplicates:
    """One finding for those on several sides of the split, those with other labels, and the others."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        members: dict[str, Cluster] = defaultdict(list)
        for image in evidence.dataset.images:
            if image.near is not None:
                members[image.near].append(image)
        # Those that are left when others were left out may be alone, or exact copies, which have a check.
        clusters = [images for images in members.values() if len({image.sha256 for image in images}) > 1]
        findings = list(_findings(clusters, _sides(evidence)))
        unseen = len(evidence.dataset.images) - len(evidence.data_facts.looks)
        if not findings:
            looked_at = " of those that could be looked at" if unseen > 0 else ""
            message = f"No two images{looked_at} look nearly the same."
            findings = [Finding(check=SPEC.id, severity="ok", message=message)]
        if unseen > 0:
            findings.append(_unseen(unseen, evidence))
        return findings


def _unseen(number: int, evidence: Evidence) -> Finding:
    """Name the images that could not be read again, of which nothing is known."""
    looks = evidence.data_facts.looks
    return Finding(
        check=SPEC.id,
        severity="note",
        message=f"{count(number, 'image')} could not be looked at again, so near-duplicates of "
        f"{'it' if number == 1 else 'them'} are not known.",
        mend="Read the folder again once its files are back and whole.",
        numbers={"unseen": number},
        paths=tuple(image.path for image in evidence.dataset.images if image.path not in looks),
    )


def _sides(evidence: Evidence) -> Mapping[str, SplitName]:
    if evidence.has("split"):
        return evidence.split.assignment
    return {image.path: image.given_split for image in evidence.dataset.images if image.given_split}


def _findings(clusters: Sequence[Cluster], sides: Mapping[str, SplitName]) -> Iterator[Finding]:
    apart = [images for images in clusters if len({sides.get(image.path) for image in images} - {None}) > 1]
    if apart:
        is_given = any(image.given_split is not None for images in apart for image in images)
        lie = count(len(apart), "picture lies", plural="pictures lie")
        yield _finding(
            apart,
            severity="warning",
            message=f"{lie} on several sides of the split in nearly the same form: what is tested was "
            "learned.",
            meaning="Results on check and test images look better than they are.",
            mend="Leave out all but one of each."
            if is_given
            else "Divide the images anew; they then stay together.",
            action=_leave_out(apart) if is_given else MendAction(kind="divide", words="Divide anew…"),
        )
    conflicts = [images for images in clusters if columns_in_conflict(images)]
    if conflicts:
        have = count(len(conflicts), "picture has", plural="pictures have")
        yield _finding(
            conflicts,
            severity="warning",
            message=f"{have} near-duplicates with different labels.",
            meaning="If the difference is not really to be seen, the classifier is taught two answers to one "
            "question.",
            mend="Look at them side by side, and give them one label where they show the same.",
        )
    agreeing = [images for images in clusters if images not in apart and images not in conflicts]
    if agreeing:
        surplus = sum(len(images) - 1 for images in agreeing)
        are = count(surplus, "image looks", plural="images look")
        yield _finding(
            agreeing,
            severity="note",
            message=f"{are} nearly the same as another ({count(len(agreeing), 'cluster')}); they stay on one "
            "side of the split.",
            meaning="They add little to learn from, and the counts of images look larger than they are.",
            mend="Look at some: of one thing one shot is enough; different things that look alike may stay.",
            action=_leave_out(agreeing),
        )


def _finding(
    clusters: Sequence[Cluster],
    *,
    severity: Severity,
    message: str,
    meaning: str,
    mend: str,
    action: MendAction | None = None,
) -> Finding:
    return Finding(
        check=SPEC.id,
        severity=severity,
        message=message,
        meaning=meaning,
        mend=mend,
        numbers={"clusters": len(clusters), "images": sum(map(len, clusters))},
        paths=tuple(image.path for images in clusters for image in images),
        action=action,
    )


def _leave_out(clusters: Sequence[Cluster]) -> MendAction:
    """Leave out all but the largest image of each cluster."""
    kept = {max(images, key=lambda image: image.width * image.height).path for images in clusters}
    paths = tuple(image.path for images in clusters for image in images if image.path not in kept)
    return MendAction(kind="leave-out", words=f"Leave out {count(len(paths), 'image')}", paths=paths)


IMPLEMENTATION = NearDuplicates()

"""Reads the split of a run, and compares it with the other files of its folder."""

from __future__ import annotations

from collections import Counter

from tlstudio.core.errors import UserError
from tlstudio.core.types import SPLIT_NAMES, SPLIT_WORDS, Split
from tlstudio.core.wording import count
from tlstudio.data.splits import read_split
from tlstudio.evaluation.run_result import read_run_result
from tlstudio.project.run_images import SIDES, read_known_images, refuse_other_number
from tlstudio.project.runs import RunFolder

PUT_BACK = "Put the files back from a copy of the run, or train again."
"""Mend for a file that cannot be made again."""


def read_run_split(run: RunFolder) -> Split:
    """Read which image was used for what in a run.

    Raises:
        UserError: `split.csv` is damaged, or contradicts what the run counted or listed of its images.
    """
    split = read_split(run.split)
    if run.finished:
        counted, found = read_run_result(run).images, Counter(split.assignment.values())
        for name in SPLIT_NAMES:
            if name in counted and counted[name] != found[name]:
                image = f"{SPLIT_WORDS[name]} image"
                raise UserError(
                    f"{run.split} is damaged: it names {count(found[name], image)}, but the run "
                    f"had {counted[name]}.",
                    mend=PUT_BACK,
                )
    if run.images.exists():
        listed = {image.path: image.split for image in read_known_images(run.images)}
        own = {path: side for path, side in split.assignment.items() if side in SIDES}
        if "validation" not in listed.values():  # in the end it learned from those of the split as well
            own = dict.fromkeys(own, "train")
        if run.finished:  # so that its own number is known to be right
            refuse_other_number(run.images, listed, number=len(own))
        if listed != own:
            raise UserError(f"{run.split} and {run.images.name} name different images.", mend=PUT_BACK)
    return split

"""Finds damage in those files of a finished run that its classifier and figures do not need."""

from __future__ import annotations

from collections.abc import Callable

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError, from_os_error
from tlstudio.evaluation.run_split import read_run_split
from tlstudio.inference.training_images import find_training_images
from tlstudio.models.tensor_files import read_tensors
from tlstudio.project.runs import RunFolder


def damage_beside(run: RunFolder, *, control: Control) -> list[str]:
    """One sentence for each damaged file; they are left as they are.

    Args:
        run: A finished run.
        control: Checked once per image.

    Raises:
        Cancelled: The person cancelled.
    """
    jobs: list[Callable[[], object]] = [lambda: read_run_split(run)]
    if run.images.exists():
        jobs.append(lambda: find_training_images(run, control=control))
    found = [sentence for job in jobs if (sentence := _refusal(job))]
    if run.last_checkpoint.exists() and _refusal(lambda: read_tensors(run.last_checkpoint)):
        found.append(f"{run.last_checkpoint} is damaged; a finished run does not need it.")
    _, damaged_lines = run.read_events_and_damage()
    if damaged_lines:
        found.append(damaged_lines)
    return list(dict.fromkeys(found))


def _refusal(job: Callable[[], object]) -> str:
    try:
        job()
    except (UserError, ValueError) as error:
        return str(error)
    except OSError as error:
        return str(from_os_error(error))
    return ""

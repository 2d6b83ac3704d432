"""Teacher and student: the answers of a finished run are learned besides the labels."""

from __future__ import annotations

from pathlib import Path

from tlstudio.core.errors import UserError
from tlstudio.specs.strategies.distil import TEACHER, UNLABELLED, DistilOptions
from tlstudio.training.phases.ask_teacher import AskTeacher
from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.phases.fit_to_teacher import FitToTeacher
from tlstudio.training.phases.phase import Phase
from tlstudio.training.phases.try_teacher import TryTeacher
from tlstudio.training.strategies import TrainingJob, refuse_trained_stages


class TeacherAndStudent:
    """Everything but the head is frozen, so the student is solved for exactly, in seconds.

    It compares itself with the plain start, because the usual folds would flatter it: the teacher has learned
    the labels of the images that they hold out.
    """

    def plan(self, job: TrainingJob) -> tuple[Phase, ...]:
        """See `Strategy.plan`."""
        refuse_trained_stages(job, name="A student")
        if job.recipe.head.kind != "linear":
            raise UserError(
                "A student is a linear head, but a hidden layer is chosen.", mend="Choose the linear head."
            )
        assert isinstance(job.options, DistilOptions)
        teacher, unlabelled = Path(job.inputs[TEACHER.id]), UNLABELLED.id
        temperature, trust = job.options.temperature, job.options.trust
        return (
            ExtractFeatures(first_trainable=None),
            AskTeacher(teacher, unlabelled=unlabelled),
            TryTeacher(teacher, unlabelled=unlabelled, temperature=temperature, trust=trust),
            FitToTeacher(unlabelled=unlabelled, temperature=temperature, trust=trust),
        )


IMPLEMENTATION = TeacherAndStudent()

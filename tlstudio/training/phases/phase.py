"""A phase: one step of a strategy, which can run, resume, and estimate its cost."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.events import Emit
from tlstudio.training.loop.checkpoint import TrainingProgress
from tlstudio.training.planning.cost_probe import CostProbe
from tlstudio.training.planning.costs import Cost
from tlstudio.training.state import TrainingState


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseResult:
    """The result of a phase; the classifier in the state holds its best weights.

    Attributes:
        progress: Epochs (or settings tried) with the best of them; None where the phase has none to show.
        train_accuracy: Accuracy on the training images, a fraction; None when it was not measured.
        earlier_seconds: Seconds of training in earlier sessions of a resumed run.
        out_of_fold: Logits [N, K] of the training images, each by a head that did not learn from it but is
            like the result otherwise; None where there are none.
    """

    progress: TrainingProgress | None = None
    train_accuracy: float | None = None
    earlier_seconds: float = 0.0
    out_of_fold: Tensor | None = None


class Phase(ABC):
    """One step of a strategy. It holds its settings only; everything else is in the `TrainingState`.

    A resumed run runs its phases again, each from its own checkpoint. A phase without checkpoints is
    repeated, so its result must be exact.

    Attributes:
        stage: Id of the step in progress events.
        learns: Whether its result depends on labels. Phases before the first that learns are shared by all
            folds of a cross-validation.
        changes_backbone: Whether it may change weights of the backbone.
        keeps_checkpoints: Whether it writes checkpoints to `state.checkpoint` and resumes from them.
        is_in_next_checkpoint: Whether the checkpoints of the next phase contain all that it leaves; then a
            run that has such a checkpoint skips it.
        option: Name of the strategy's option that leaves this phase out when it is False; None where there is
            none. Only the last phase may have one, and such a phase leaves the backbone as it is.
    """

    stage: str
    learns: bool = True
    changes_backbone: bool = False
    keeps_checkpoints: bool = False
    is_in_next_checkpoint: bool = False
    option: str | None = None

    def check(self, state: TrainingState) -> None:  # noqa: B027 - most phases refuse nothing
        """Refuse what the phase could not work with, before anything that takes long.

        Args:
            state: As the run begins: no phase has run, and there are no features yet.

        Raises:
            UserError: Something that the person can mend.
        """

    @abstractmethod
    def run(self, state: TrainingState, *, emit: Emit, control: Control) -> PhaseResult:
        """Do the work, in place in the state.

        Args:
            state: What earlier phases left; holds the results of this one afterwards.
            emit: Receives progress events.
            control: Checked once per batch or image.

        Raises:
            UserError: Something that the person can mend.
            Cancelled: The person cancelled; checkpoints stay.
        """

    @abstractmethod
    def cost(self, probe: CostProbe) -> Cost:
        """Estimate what the phase will cost, from short measurements.

        Args:
            probe: Measures on a few of the run's images; has seen the phases before this one.
        """


def changes_backbone(phases: tuple[Phase, ...]) -> bool:
    """Return whether any of the phases may change weights of the backbone."""
    return any(phase.changes_backbone for phase in phases)

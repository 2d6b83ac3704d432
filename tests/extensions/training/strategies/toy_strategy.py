"""A strategy of three phases: features, counting a second folder, training the head by epochs."""

from pathlib import Path

from tlstudio.core.events import StageStarted, WarningRaised
from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.phases.fine_tune import FineTune
from tlstudio.training.phases.phase import Phase, PhaseResult
from tlstudio.training.planning.costs import Cost


class CountFolder(Phase):
    """Counts the files of the second folder and says so."""

    stage = "toys"
    learns = False

    def __init__(self, folder, *, options):
        self._folder, self._options = folder, options

    def run(self, state, *, emit, control):
        emit(StageStarted(run_id=state.run_id, stage=self.stage, title="Counting toys"))
        count = 0
        for _ in range(self._options.rounds):
            control.check()
            count += len(list(self._folder.iterdir()))
        message = f"{count} toys were counted, {self._options.mood}."
        emit(WarningRaised(run_id=state.run_id, code="toys", message=message))
        return PhaseResult()

    def cost(self, probe):
        return Cost()


class ToyStrategy:
    def plan(self, job):
        return (
            ExtractFeatures(first_trainable=None),
            CountFolder(Path(job.inputs["toy-folder"]), options=job.options),
            FineTune(trains_stages=False),
        )


IMPLEMENTATION = ToyStrategy()

"""The card “Have I done enough?”: what more images of each class would give."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from tlstudio.core.finding import Finding
from tlstudio.gui.engine_client import Background
from tlstudio.gui.pages.evaluate.arrangement import EvaluationCard
from tlstudio.gui.pages.evaluate.contents import EvaluatedImages, EvaluatedRun
from tlstudio.gui.widgets.basics.term_tips import wrapped
from tlstudio.gui.widgets.figures.figure_view import FigureView
from tlstudio.gui.widgets.lists.finding_button import FindingButton
from tlstudio.gui.widgets.lists.finding_list import window_finding
from tlstudio.specs.checks import more_images
from tlstudio.specs.views import learning_curve

TIP = (
    "Filled points: so many images of each class were drawn, again and again, and others judged what was "
    "learned from them. Hollow points: what is expected with all images there are, and with more, if the "
    "errors go on becoming fewer as they did. Bars: 95 % intervals."
)
NOT_MEASURED = (
    "What more images would give was not measured for this run. It takes about ten images of each class, and "
    "a run of this version of the program: train again to know."
)


class EnoughCard(EvaluationCard):
    """Answers whether more images would help, with the learning curve below."""

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(more_images.SPEC.title, parent)
        self.answer = FindingButton(window_finding("note", NOT_MEASURED), shows_images=False)
        self.figure = FigureView(background, name="Learning curve")
        self.figure.setToolTip(wrapped(TIP))
        self.body.addWidget(self.answer)
        self.body.addWidget(self.figure, 1)

    def show_evaluation(self, images: EvaluatedImages, *, run: EvaluatedRun) -> None:
        """See `EvaluationCard`: of the run, whichever of its images are shown."""
        said = run.enough
        self.figure.setVisible(said is not None)
        if said is None:
            self.answer.show_finding(window_finding("note", NOT_MEASURED))
            return
        self.answer.show_finding(
            Finding(
                check=more_images.SPEC.id,
                severity=said.severity,
                message=said.message,
                meaning=said.meaning,
                mend=said.mend,
            )
        )
        self.figure.show_view(learning_curve.SPEC.id, run.learning, description=said.message)

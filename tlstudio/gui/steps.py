"""The five steps: how their pages are built, and when each is done."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from tlstudio.gui.app_state import AppState
from tlstudio.gui.widgets.frame.sidebar import Step

if TYPE_CHECKING:
    from tlstudio.gui.pages.data.page import DataPage
    from tlstudio.gui.pages.evaluate.page import EvaluatePage
    from tlstudio.gui.pages.home.page import HomePage
    from tlstudio.gui.pages.model.page import ModelPage
    from tlstudio.gui.pages.train.page import TrainPage
    from tlstudio.gui.pages.use.page import UsePage

    Page = HomePage | DataPage | ModelPage | TrainPage | EvaluatePage | UsePage

HOME = "home"
STEPS = (
    Step(page="data", title="Data", tip="Look at your images, label them, clean them"),
    Step(page="model", title="Model", tip="Choose what to train"),
    Step(page="train", title="Train", tip="Start the training and watch it learn"),
    Step(page="evaluate", title="Evaluate", tip="See how good it is and where it errs"),
    Step(page="use", title="Use", tip="Try it on new images, and export it"),
)
PAGES = (HOME, *(step.page for step in STEPS))


def build_page(page: str, app_state: AppState) -> Page:
    """Build a page. Its module is imported only now, so that the window starts quickly.

    Args:
        page: One of `PAGES`.
        app_state: What the page binds to.
    """
    if page == "data":
        from tlstudio.gui.pages.data.page import DataPage

        return DataPage(app_state)
    if page == "model":
        from tlstudio.gui.pages.model.page import ModelPage

        return ModelPage(app_state)
    if page == "train":
        from tlstudio.gui.pages.train.page import TrainPage

        return TrainPage(app_state)
    if page == "evaluate":
        from tlstudio.gui.pages.evaluate.page import EvaluatePage

        return EvaluatePage(app_state)
    if page == "use":
        from tlstudio.gui.pages.use.page import UsePage

        return UsePage(app_state)
    from tlstudio.gui.pages.home.page import HomePage

    return HomePage(app_state)


def steps_done(app_state: AppState, *, evaluated: Collection[str]) -> dict[str, bool]:
    """Find out which steps have what the next one needs, for the open project and the run shown.

    Args:
        app_state: What is open.
        evaluated: Folders of the runs whose Evaluate page the person has seen.
    """
    run = app_state.finished_run() or app_state.run
    finished = run is not None and run.finished
    labels = {image.label() for image in app_state.images()} - {None}
    return {
        "data": len(labels) >= 2,
        "model": run is not None or "backbone" in app_state.recipe(),
        "train": finished,
        "evaluate": finished and run is not None and str(run.path) in evaluated,
        "use": finished and run is not None and run.exports.is_dir() and any(run.exports.iterdir()),
    }

from types import SimpleNamespace

import pytest

from tlstudio.core.dataset import Image, labels_of
from tlstudio.gui.steps import HOME, PAGES, STEPS, build_page, steps_done
from tlstudio.project.runs import RunFolder


def state(*, labels=(), recipe=None, run=None):
    """An app state as far as `steps_done` looks."""
    images = [Image(path="x", sha256="x", labels=labels_of(label)) for label in labels]
    return SimpleNamespace(
        images=lambda: images, recipe=lambda: recipe or {}, run=run, finished_run=lambda: run
    )


@pytest.fixture
def run(tmp_path):
    run = RunFolder(tmp_path / "run-1")
    run.create()
    return run


@pytest.mark.parametrize("page", PAGES)
def test_every_page_can_be_built_and_has_a_title(app_state, qtbot, page, own_windows):
    widget = build_page(page, app_state)
    assert own_windows == []  # a part that is shown before it lies in the page flashes on the screen
    qtbot.addWidget(widget)
    wanted = "Home" if page == HOME else next(step.title for step in STEPS if step.page == page)
    assert widget.title == wanted
    assert isinstance(widget.summary(), str)


def test_at_first_no_step_is_done():
    assert steps_done(state(), evaluated=()) == {step.page: False for step in STEPS}


@pytest.mark.parametrize(
    ("labels", "done"), [(("ants",), False), (("ants", None), False), (("ants", None, "bees"), True)]
)
def test_data_needs_two_classes(labels, done):
    assert steps_done(state(labels=labels), evaluated=())["data"] is done


def test_the_model_is_done_once_a_backbone_is_chosen_or_a_run_is_there(run):
    assert steps_done(state(recipe={"backbone": {"id": "x"}}), evaluated=())["model"]
    assert steps_done(state(run=run), evaluated=())["model"]
    assert not steps_done(state(recipe={"epochs": 3}), evaluated=())["model"]


def test_training_is_done_when_the_run_is_finished_and_the_rest_follows(run):
    looked_at = [str(run.path)]
    assert not any(steps_done(state(run=run), evaluated=looked_at)[page] for page in ("train", "evaluate"))
    run.metrics.write_text('{"status": "finished"}', encoding="utf-8")
    done = steps_done(state(run=run), evaluated=())
    assert done["train"]
    assert not done["evaluate"]
    assert steps_done(state(run=run), evaluated=looked_at)["evaluate"]
    run.exports.mkdir(exist_ok=True)
    assert not steps_done(state(run=run), evaluated=())["use"]
    (run.exports / "model.onnx").touch()
    assert steps_done(state(run=run), evaluated=())["use"]

from __future__ import annotations

from dataclasses import replace

from tests.gui.made_runs import epoch_event
from tlstudio.core.events import (
    DomainMap,
    LearningCurve,
    LearningPoint,
    MapPanel,
    TrialEnded,
    from_json,
    to_json,
)
from tlstudio.project.history import RunHistory
from tlstudio.report.history_values import curve_values, learning_values, map_values, trial_values


def test_epochs_come_as_the_curve_views_take_them() -> None:
    first, second = epoch_event(0, best=0), epoch_event(1, best=1)
    values = curve_values(RunHistory([first, second]), planned=15)
    assert (values["unit"], values["planned"], values["best_epoch"]) == ("epoch", 15, 1)
    assert values["epochs"][1] == {
        "epoch": 1,
        "train_loss": second.train_loss,
        "train_accuracy": second.train_accuracy,
        "validation_loss": second.validation_loss,
        "validation_accuracy": second.validation_accuracy,
        "interval": second.validation_interval,
        "validation_n": 24,
    }


def test_without_validation_there_is_no_best_epoch() -> None:
    blind = replace(epoch_event(3), validation_loss=None, validation_accuracy=None)
    assert curve_values(RunHistory([blind]))["best_epoch"] is None


def test_trials_come_as_their_view_takes_them() -> None:
    trial = TrialEnded(
        run_id="run-1",
        freeze="head",
        accuracy=0.5,
        interval=(0.4, 0.6),
        n=100,
        elapsed_seconds=1.0,
        best=True,
        against="top",
        difference=0.1,
        noise=0.2,
    )
    assert trial_values(RunHistory([trial])) == [
        {
            "freeze": "head",
            "accuracy": 0.5,
            "interval": (0.4, 0.6),
            "n": 100,
            "elapsed_seconds": 1.0,
            "best": True,
            "against": "top",
            "difference": 0.1,
            "noise": 0.2,
            "option": "",
            "against_option": "",
            "ended_early": False,
        }
    ]


def test_the_learning_curve_comes_as_its_view_takes_it() -> None:
    assert learning_values(RunHistory()) == {}
    points = tuple(
        LearningPoint(images_per_class=number, accuracy=0.5, interval=(0.4, 0.6)) for number in (1, 2, 4)
    )
    event = LearningCurve(run_id="run-1", points=points[:2], expected=points[2])
    values = learning_values(RunHistory([from_json(to_json(event))]))
    assert values["points"][1] == {"images_per_class": 2, "accuracy": 0.5, "interval": (0.4, 0.6)}
    assert values["expected"]["images_per_class"] == 4


def test_the_map_of_two_places_comes_as_its_view_takes_it() -> None:
    assert map_values(RunHistory()) == {}
    panel = MapPanel(here=((0.5, -1.0),), there=(), told_apart=0.9, interval=(0.8, 1.0))
    event = DomainMap(run_id="run-1", before=panel, after=panel)
    values = map_values(RunHistory([from_json(to_json(event))]))
    assert values["before"] == values["after"]
    assert values["before"]["here"] == ((0.5, -1.0),)

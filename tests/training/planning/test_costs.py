from __future__ import annotations

from tlstudio.training.planning.costs import Cost


def test_costs_of_phases_add_up():
    features = Cost(features_seconds=2.0, training_seconds=1.0, cache_bytes=100, exact_share=0.5)
    head = Cost(training_seconds=4.0, cache_bytes=10)
    assert features + head == Cost(
        features_seconds=2.0, training_seconds=5.0, cache_bytes=110, exact_share=0.5
    )


def test_images_are_unseen_when_any_phase_has_not_seen_them():
    assert (Cost(has_unseen_images=True) + Cost()).has_unseen_images
    assert not (Cost() + Cost()).has_unseen_images


def test_the_epochs_to_show_are_those_of_the_last_phase_that_has_any():
    head, training, refit = Cost(seconds_per_epoch=1.0), Cost(seconds_per_epoch=3.0), Cost()
    assert (head + training + refit).seconds_per_epoch == 3.0
    assert Cost().seconds_per_epoch is None

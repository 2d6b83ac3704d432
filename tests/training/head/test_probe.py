import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from tlstudio.features import table as features
from tlstudio.features.table import Features
from tlstudio.training.head import probe, problem
from tlstudio.training.head.probe import FOLDS, L2_GRID, Answers, ProbeTrial, fit_probe


def blobs(
    n: int, *, size: int, classes_count: int, noise: float, seed: int
) -> tuple[torch.Tensor, torch.Tensor]:
    centres = torch.randn(classes_count, size, generator=torch.Generator().manual_seed(99))
    draw = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % classes_count
    return centres[labels] + noise * torch.randn(n, size, generator=draw) + 5, labels


def solve(
    n: int = 60, *, size: int = 40, noise: float = 2.0, weighting: bool = False, validation: int = 30, **rest
):
    x, y = blobs(n, size=size, classes_count=3, noise=noise, seed=1)
    xv, yv = blobs(validation, size=size, classes_count=3, noise=noise, seed=2)
    solution = fit_probe(
        Features.of(x),
        y,
        validation_features=Features.of(xv),
        validation_labels=yv,
        classes_count=3,
        class_weighting=weighting,
        folds=torch.arange(len(y)) % FOLDS,
        **rest,
    )
    return x, y, solution


@pytest.mark.parametrize("size", [20, 150])
def test_the_solution_is_that_of_scikit_learn(size: int):
    """Both with more images than features and with fewer, where the subspace is used."""
    x, y, ours = solve(size=size)
    centred = x.double() - x.double().mean(dim=0)
    length = centred.square().sum(dim=1).mean().sqrt()
    strength = L2_GRID[ours.best]
    known = LogisticRegression(C=1 / (strength * len(x)), tol=1e-10, max_iter=10_000)
    known.fit((centred / length).numpy(), y.numpy())
    wanted = known.predict_proba((centred / length).numpy())
    got = (x @ ours.weight.T + ours.bias).softmax(dim=1).numpy()
    np.testing.assert_allclose(got, wanted, atol=1e-4)


def test_class_weighting_is_that_of_scikit_learn():
    x, y = blobs(90, size=10, classes_count=3, noise=3.0, seed=1)
    keep = (y == 0) | (torch.arange(90) < 30)
    x, y = x[keep], y[keep]
    ours = fit_probe(
        Features.of(x),
        y,
        classes_count=3,
        class_weighting=True,
        folds=torch.arange(len(y)) % FOLDS,
    )
    centred = x.double() - x.double().mean(dim=0)
    length = centred.square().sum(dim=1).mean().sqrt()
    known = LogisticRegression(
        C=1 / (L2_GRID[ours.best] * len(x)), class_weight="balanced", tol=1e-10, max_iter=10_000
    ).fit((centred / length).numpy(), y.numpy())
    got = (x @ ours.weight.T + ours.bias).softmax(dim=1).numpy()
    np.testing.assert_allclose(got, known.predict_proba((centred / length).numpy()), atol=1e-4)


def test_noisy_data_is_regularised_more_than_clean_data():
    _, _, clean = solve(noise=0.5)
    _, _, noisy = solve(noise=6.0)
    assert L2_GRID[noisy.best] > L2_GRID[clean.best]


def test_the_chosen_strength_has_the_lowest_loss_and_the_search_ends_soon_after():
    _, _, solution = solve(noise=6.0)
    losses = [trial.selection_loss for trial in solution.trials]
    assert losses[solution.best] == min(losses)
    assert len(losses) <= solution.best + 2


def test_without_validation_cross_validation_chooses():
    _, _, solution = solve(noise=6.0, validation=0)
    assert solution.trials[0].validation.n == 0
    assert solution.best < len(L2_GRID) - 1, "training loss alone would choose the weakest"


def test_a_class_with_one_image_is_allowed():
    x, y = blobs(31, size=12, classes_count=3, noise=1.0, seed=3)
    keep = (y < 2) | (torch.arange(31) == 2)
    solution = fit_probe(
        Features.of(x[keep]), y[keep],
        classes_count=3, class_weighting=True, folds=torch.arange(int(keep.sum())) % FOLDS,
    )  # fmt: skip
    assert torch.isfinite(solution.weight).all()
    assert ((x[keep] @ solution.weight.T + solution.bias).argmax(dim=1) == y[keep]).all()


def test_identical_images_are_allowed():
    x = torch.ones(10, 30)
    y = torch.arange(10) % 2
    solution = fit_probe(
        Features.of(x),
        y,
        validation_features=Features.of(x[:2]),
        validation_labels=y[:2],
        classes_count=2,
        class_weighting=False,
        folds=torch.arange(len(y)) % FOLDS,
    )
    torch.testing.assert_close(
        (x @ solution.weight.T + solution.bias).softmax(dim=1), torch.full((10, 2), 0.5)
    )


def test_an_exception_of_the_callback_ends_the_search():
    def leave(index: int, trial: ProbeTrial) -> None:
        if index == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solve(on_trial=leave)


def test_a_large_set_solved_by_blocks_has_the_same_solution(monkeypatch: pytest.MonkeyPatch):
    """In float32, with the axes of some images only, also when these are fewer than the features."""
    # Content with less, both stop somewhere near the solution, but not at the same place.
    monkeypatch.setattr(probe, "SEARCHING", {"gradient_tolerance": 1e-5, "change_tolerance": 1e-7})
    whole = [solve(size=size, noise=4.0, weighting=True) for size in (20, 150)]
    monkeypatch.setattr(problem, "IN_MEMORY", 0)
    monkeypatch.setattr(problem, "AXES_FROM", 25)
    monkeypatch.setattr(features, "BLOCK", 16)
    for (x, _, wanted), size in zip(whole, (20, 150), strict=True):
        _, _, got = solve(size=size, noise=4.0, weighting=True)
        assert got.best == wanted.best
        torch.testing.assert_close(
            (x @ got.weight.T + got.bias).softmax(dim=1),
            (x @ wanted.weight.T + wanted.bias).softmax(dim=1),
            rtol=0,
            atol=2e-3,
        )
        for one, two in zip(got.trials, wanted.trials, strict=True):
            assert one.selection_loss == pytest.approx(two.selection_loss, rel=2e-3)


def test_a_large_set_is_never_in_memory_as_a_whole(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(problem, "IN_MEMORY", 0)
    monkeypatch.setattr(features, "BLOCK", 16)
    x, y = blobs(100, size=12, classes_count=3, noise=2.0, seed=1)
    asked = []

    def read(rows: torch.Tensor) -> torch.Tensor:
        asked.append(len(rows))
        return x[rows]

    fit_probe(
        Features(read, rows=torch.arange(100), size=12),
        y,
        validation_features=Features.of(x[:10]),
        validation_labels=y[:10],
        classes_count=3,
        class_weighting=False,
        folds=torch.arange(100) % FOLDS,
    )
    assert max(asked) == 16


def test_the_same_images_give_the_same_bits():
    _, _, one = solve(size=150)
    _, _, two = solve(size=150)
    assert torch.equal(one.weight, two.weight)
    assert torch.equal(one.bias, two.bias)


def test_a_teacher_is_followed_on_unlabelled_images_too():
    x, y = blobs(15, size=40, classes_count=3, noise=3.0, seed=1)
    more, truth = blobs(300, size=40, classes_count=3, noise=3.0, seed=2)
    new, wanted = blobs(300, size=40, classes_count=3, noise=3.0, seed=3)
    known = torch.nn.functional.one_hot(torch.cat([y, truth]), 3).float() * 0.9 + 0.1 / 3

    def accuracy(features: torch.Tensor, answers: Answers | None) -> float:
        found = fit_probe(
            Features.of(features),
            y,
            classes_count=3,
            class_weighting=False,
            folds=torch.arange(len(y)) % FOLDS,
            answers=answers,
        )
        return float(((new @ found.weight.T + found.bias).argmax(dim=1) == wanted).double().mean())

    teacher = Answers(probabilities=known, temperature=1.0, trust=0.8)
    assert accuracy(torch.cat([x, more]), teacher) > accuracy(x, None) + 0.05
    silent = Answers(probabilities=known[:15], temperature=1.0, trust=0.0)
    assert accuracy(x, silent) == accuracy(x, None)


def test_no_head_learns_the_answers_for_the_images_that_judge_it():
    answers = Answers(probabilities=torch.full((14, 3), 1 / 3), temperature=2.0, trust=0.6)
    folds = torch.arange(10) % FOLDS
    weights = probe._soft_targets(answers, folds, labelled=10, dtype=torch.float64).weights
    assert torch.allclose(weights.sum(dim=1), torch.full((1 + FOLDS,), 0.6, dtype=torch.float64))
    for fold in range(FOLDS):
        assert not weights[1 + fold, :10][folds == fold].any()
        assert weights[1 + fold, 10:].all()

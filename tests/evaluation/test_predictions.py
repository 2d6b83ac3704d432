import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.core.dataset import LabelColumn
from tlstudio.core.errors import UserError
from tlstudio.evaluation.predictions import (
    Predictions,
    predictions_of_columns,
    read_predictions_csv,
    write_predictions_csv,
)


def some(*, paths: tuple[str, ...], classes: tuple[str, ...], seed: int = 0) -> Predictions:
    rng = np.random.default_rng(seed)
    return Predictions(
        paths=paths,
        classes=classes,
        probabilities=rng.dirichlet(np.ones(len(classes)), len(paths)),
        true_indices=rng.integers(-1, len(classes), len(paths)),
    )


def test_what_is_written_is_read_back_to_the_bit(tmp_path: Path):
    classes = ("a,b", 'quo"te', "path", "ünï\nline")
    paths = ("x/1.jpg", 'comma, quote" and\nnewline.png', "bad-\udcff.jpg", "ж.jpg")
    splits = {
        "validation": some(paths=paths, classes=classes),
        "test": some(paths=paths[:2], classes=classes, seed=1),
    }
    write_predictions_csv(tmp_path / "predictions.csv", splits)
    back = read_predictions_csv(tmp_path / "predictions.csv")
    assert list(back) == ["validation", "test"]
    for name, part in splits.items():
        assert back[name].paths == part.paths
        assert back[name].classes == classes
        np.testing.assert_array_equal(back[name].probabilities, part.probabilities)
        np.testing.assert_array_equal(back[name].true_indices, part.true_indices)


def test_a_file_without_predictions_can_be_read(tmp_path: Path):
    write_predictions_csv(tmp_path / "predictions.csv", {})
    assert read_predictions_csv(tmp_path / "predictions.csv") == {}


def test_shapes_must_fit():
    with pytest.raises(ValueError, match="2 images of 2 classes"):
        Predictions(
            paths=("a", "b"),
            classes=("x", "y"),
            probabilities=np.zeros((2, 3)),
            true_indices=np.zeros(2, dtype=np.int64),
        )


@pytest.mark.parametrize(
    "content", ["", "a,b\n", "split,path,true_class,predicted_class,P(a)\ntest,x,b,a,1.0\n"]
)
def test_damaged_files_are_refused(tmp_path: Path, content: str):
    file = tmp_path / "predictions.csv"
    file.write_text(content)
    with pytest.raises(UserError, match="damaged"):
        read_predictions_csv(file)


def test_a_missing_file_says_what_to_do(tmp_path: Path):
    with pytest.raises(UserError, match="resume the training"):
        read_predictions_csv(tmp_path / "predictions.csv")


def test_only_labelled_images_are_kept():
    part = some(paths=("a", "b", "c"), classes=("x", "y")).labelled()
    assert (part.true_indices >= 0).all()


def test_reading_many_rows_needs_little_more_memory_than_the_probabilities(tmp_path: Path):
    many = some(paths=tuple(f"{n}.jpg" for n in range(5000)), classes=tuple(f"class {n}" for n in range(40)))
    file = tmp_path / "predictions.csv"
    tracemalloc.start()
    try:
        write_predictions_csv(file, {"train": many})
        _, writing = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        back = read_predictions_csv(file)
        _, reading = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    np.testing.assert_array_equal(back["train"].probabilities, many.probabilities)
    # As texts in memory the 200 000 numbers would be 4 MB to write and 14 MB to read.
    assert writing < 1e6
    assert reading < many.probabilities.nbytes + 2e6


NAMES = st.one_of(st.text(min_size=1), st.sampled_from(["\r", "a\rb", '"', ",", "P(x)", "\ufeff", " a "]))


@given(
    paths=st.lists(NAMES, min_size=1, max_size=3, unique=True),
    classes=st.lists(NAMES, min_size=2, unique=True),
)
def test_any_name_of_a_file_or_a_class_survives(tmp_path_factory, paths, classes):
    file = tmp_path_factory.mktemp("predictions") / "predictions.csv"
    count = len(classes)
    made = Predictions(
        paths=tuple(paths),
        classes=tuple(classes),
        probabilities=np.full((len(paths), count), 1 / count),
        true_indices=np.zeros(len(paths), dtype=np.int64),
    )
    write_predictions_csv(file, {"test": made})
    read = read_predictions_csv(file)["test"]
    assert (read.paths, read.classes) == (made.paths, made.classes)
    np.testing.assert_array_equal(read.probabilities, made.probabilities)
    np.testing.assert_array_equal(read.true_indices, made.true_indices)


def test_further_columns_are_read_back_to_the_bit(tmp_path: Path):
    paths, names = ("a.jpg", "b.jpg", "c.jpg"), ("true_class of x", "P(x: y)")
    further = {
        "health": some(paths=paths, classes=("ill", "well"), seed=1),
        "a, b": some(paths=paths, classes=names),
    }
    both = replace(some(paths=paths, classes=names, seed=2), further=further)
    write_predictions_csv(tmp_path / "predictions.csv", {"test": both})
    back = read_predictions_csv(tmp_path / "predictions.csv")["test"]
    assert list(back.further) == ["health", "a, b"]
    for name, part in back.of_columns(["label"]).items():
        written = both.of_columns(["label"])[name]
        assert (part.paths, part.classes) == (paths, written.classes)
        np.testing.assert_array_equal(part.probabilities, written.probabilities)
        np.testing.assert_array_equal(part.true_indices, written.true_indices)


def test_splits_with_other_columns_do_not_fit_into_one_file(tmp_path: Path):
    plain = some(paths=("a.jpg",), classes=("x", "y"))
    splits = {"validation": plain, "test": replace(plain, further={"health": plain})}
    with pytest.raises(ValueError, match="'test' has other classes"):
        write_predictions_csv(tmp_path / "predictions.csv", splits)


def test_probabilities_side_by_side_are_divided_by_column():
    columns = (
        LabelColumn(name="species", classes=("ant", "bee")),
        LabelColumn(name="health", classes=("ill", "well")),
    )
    found = predictions_of_columns(
        ["a.jpg", "b.jpg"],
        columns=columns,
        probabilities=np.array([[0.25, 0.75, 1.0, 0.0], [0.5, 0.5, 0.25, 0.75]]),
        labels=np.array([[0, -1], [1, 1]]),
    )
    assert found.classes == ("ant", "bee")
    assert found.further["health"].probabilities.tolist() == [[1.0, 0.0], [0.25, 0.75]]
    assert found.further["health"].true_indices.tolist() == [-1, 1]

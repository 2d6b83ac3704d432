"""Small rules of the shared values."""

from tlstudio.core.types import PredictedImage, Split


def test_the_answer_is_the_most_probable_class():
    answer = PredictedImage(path="a", probabilities={"x": 0.2, "y": 0.8})
    assert (answer.class_name, answer.probability) == ("y", 0.8)


def test_an_error_has_no_answer():
    answer = PredictedImage(path="a", error="broken")
    assert (answer.class_name, answer.probability) == (None, None)


def test_paths_of_a_side_are_sorted():
    split = Split(
        assignment={"b": "train", "a": "train", "c": "test"}, seed=0, validation_fraction=0, test_fraction=0.3
    )
    assert split.paths("train") == ["a", "b"]
    assert split.paths("validation") == []

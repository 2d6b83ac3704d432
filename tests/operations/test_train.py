"""Training on a folder."""

from tests.operations.conftest import CHEAP


def test_train_leaves_a_run_that_evaluate_reads(photos, do, tmp_path):
    recipe = {**CHEAP, "split": {"validation": 0.2, "test": 0.25}}
    result = do("train", folder=photos(), run=tmp_path / "run", recipe=recipe)
    assert result["classes"] == ["ants", "bees", "leaves"]
    figures = do("evaluate", run=tmp_path / "run")
    assert {key: figures[key] for key in ("accuracy", "n")} == {
        key: result["test"][key] for key in ("accuracy", "n")
    }
    assert do("train", folder=photos(name="again"), run=tmp_path / "run", resume=True) == result

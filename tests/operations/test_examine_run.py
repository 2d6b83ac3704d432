"""The checks of a finished run."""

import pytest

from tlstudio.core.errors import UserError
from tlstudio.core.finding import finding_from_values


def test_both_splits_are_examined(trained_run, do):
    value = do("examine-run", run=trained_run.run)
    assert set(value) == {"test", "validation"}
    for findings in value.values():
        checks = {finding_from_values(values).check for values in findings}
        assert {"over-fitting", "too-few-tests", "better-than-guessing"} <= checks


def test_a_run_that_is_not_finished_is_refused(do, tmp_path):
    (tmp_path / "recipe.json").write_text("{}")
    with pytest.raises(UserError):
        do("examine-run", run=tmp_path)

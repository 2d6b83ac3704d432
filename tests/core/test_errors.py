"""Errors are sentences."""

from tlstudio.core.errors import UserError


def test_an_error_reads_as_what_work_and_mend():
    assert str(UserError("It broke.", work="Nothing was lost.", mend="Try again.")) == (
        "It broke. Nothing was lost. Try again."
    )

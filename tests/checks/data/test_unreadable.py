"""Files that cannot be used."""

from __future__ import annotations

from dataclasses import replace

from tests.checks.made import dataset, examine, images
from tlstudio.core.types import ProblemFile


def test_files_are_sorted_by_what_is_wrong_with_them():
    problems = tuple(
        ProblemFile(path=f"{n}", code=code, reason="Odd.", mend="Mend.")
        for n, code in enumerate(["truncated", "not-an-image", "truncated", "brand-new"])
    )
    found = examine("unreadable", dataset(*images(a=2, b=2), problems=problems))
    assert [(f.severity, f.paths) for f in found] == [
        ("warning", ("0", "2")),
        ("note", ("1",)),
        ("warning", ("3",)),
    ]
    assert found[0].message == "2 files are cut short and will not be used."
    assert found[0].mend.startswith("Copy or download them again")
    assert found[1].message == "1 file is no image and will not be used."
    assert found[1].mend == "Nothing to do, or take it out of the folder."


def test_hidden_files_are_counted():
    found = examine("unreadable", replace(dataset(*images(a=1)), hidden_files=3))
    assert [finding.severity for finding in found] == ["ok", "note"]
    assert found[1].message.startswith("3 hidden files are passed over")


def test_when_every_file_is_read_it_says_so():
    (found,) = examine("unreadable", dataset(*images(a=1)))
    assert found.severity == "ok"

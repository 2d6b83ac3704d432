"""Finding a learning rate on a project."""

from tests.operations.conftest import CHEAP


def test_a_rate_is_looked_for_on_a_project_which_stays_as_it_is(scanned, do):
    split, draft = scanned.split(), scanned.draft()
    found = do(
        "find-rate-project",
        project=scanned.folder,
        recipe={**CHEAP, "strategy": "fine-tune", "freeze": "top"},
    )
    assert found["images"] == len(split.paths("train"))
    assert (scanned.split(), scanned.draft()) == (split, draft)
    assert not scanned.runs_folder.is_dir() or not any(scanned.runs_folder.iterdir())

"""The list of recent projects."""

from tlstudio.core.files import settings_dir
from tlstudio.project.recent import (
    MAX_ENTRIES,
    RecentProject,
    forget_project,
    recent_projects,
    remember_project,
    rename_recent_project,
)


def entry(tmp_path, name: str) -> RecentProject:
    return RecentProject(name=name, folder=str(tmp_path / name), images=3, best=0.5, best_interval=(0.4, 0.6))


def test_projects_are_listed_newest_first_and_once(tmp_path):
    for name in ("a", "b", "a"):
        remember_project(entry(tmp_path, name))
    assert [(e.name, e.best_interval) for e in recent_projects()] == [("a", (0.4, 0.6)), ("b", (0.4, 0.6))]


def test_a_project_whose_folder_is_missing_stays_listed(tmp_path):
    """Its drive may be plugged in again tomorrow."""
    remember_project(entry(tmp_path, "on a drive"))
    remember_project(entry(tmp_path, "here"))
    assert [e.name for e in recent_projects()] == ["here", "on a drive"]


def test_more_than_a_dozen_projects_are_remembered(tmp_path):
    for number in range(30):
        remember_project(entry(tmp_path, f"p{number}"))
    assert [e.name for e in recent_projects()] == [f"p{number}" for number in reversed(range(30))]
    assert MAX_ENTRIES >= 200


def test_a_project_is_taken_off_the_list_and_nothing_else_is_touched(tmp_path):
    for name in ("a", "b", "c"):
        remember_project(entry(tmp_path, name))
    (tmp_path / "b").mkdir()
    forget_project(str(tmp_path / "b"))
    assert [e.name for e in recent_projects()] == ["c", "a"]
    assert (tmp_path / "b").is_dir()


def test_a_renamed_project_keeps_its_place_and_figures(tmp_path):
    for name in ("a", "b"):
        remember_project(entry(tmp_path, name))
    before = recent_projects()
    rename_recent_project(str(tmp_path / "a"), name="Bees")
    after = recent_projects()
    assert [e.name for e in after] == ["b", "Bees"]
    assert (after[1].opened, after[1].best, after[1].folder) == (before[1].opened, 0.5, before[1].folder)


def test_a_damaged_list_counts_as_empty(tmp_path):
    remember_project(entry(tmp_path, "a"))
    for text in ("{", "[1]", '[{"unknown": 1}]', "3"):
        (settings_dir() / "recent.json").write_text(text)
        assert recent_projects() == []

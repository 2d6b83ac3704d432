"""The list of recent projects."""

from tlstudio.core.files import settings_dir
from tlstudio.project.recent import MAX_ENTRIES, RecentProject, recent_projects, remember_project


def entry(tmp_path, name: str) -> RecentProject:
    (tmp_path / name).mkdir(exist_ok=True)
    return RecentProject(name=name, folder=str(tmp_path / name), images=3, best=0.5, best_interval=(0.4, 0.6))


def test_projects_are_listed_newest_first_once_and_only_while_they_exist(tmp_path):
    for name in ("a", "b", "a"):
        remember_project(entry(tmp_path, name))
    assert [(e.name, e.best_interval) for e in recent_projects()] == [("a", (0.4, 0.6)), ("b", (0.4, 0.6))]
    (tmp_path / "b").rmdir()
    assert [e.name for e in recent_projects()] == ["a"]


def test_the_list_is_bounded_and_a_damaged_one_counts_as_empty(tmp_path):
    for number in range(MAX_ENTRIES + 3):
        remember_project(entry(tmp_path, f"p{number}"))
    assert len(recent_projects()) == MAX_ENTRIES
    for text in ("{", "[1]", '[{"unknown": 1}]', "3"):
        (settings_dir() / "recent.json").write_text(text)
        assert recent_projects() == []

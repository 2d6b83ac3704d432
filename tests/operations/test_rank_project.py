"""Ranking backbones on a project."""


def test_a_project_is_ranked_on_its_labels_and_split(scanned, do):
    rows = do("rank-project", project=scanned.folder, backbones=["efficientnet_lite0"])["backbones"]
    split = scanned.split()
    assert [row["n"] for row in rows] == [len(split.paths("train")) + len(split.paths("validation"))]
    assert not scanned.runs_folder.is_dir() or not any(scanned.runs_folder.iterdir())

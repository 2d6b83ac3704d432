"""Reading the folder of a project again."""

from tlstudio.specs.recipe import Recipe


def test_a_scan_keeps_labels_and_new_images_join_the_split(project, do):
    first = do("scan-project", project=project.folder)
    assert first["classes"] == {"ants": 8, "bees": 8, "leaves": 8}
    before = dict(project.split().assignment)
    assert len(before) == 24
    project.set_label(["ants/photo-001.jpg"], class_name="bees")
    added = project.images_root / "leaves" / "new.jpg"
    added.write_bytes((project.images_root / "leaves" / "photo-000.jpg").read_bytes())
    (project.images_root / "leaves" / "torn.jpg").write_bytes(b"\xff\xd8\xff torn")
    (project.images_root / "bees" / "photo-007.jpg").unlink()
    second = do("scan-project", project=project.folder)
    assert second["images"] == second["labelled"] == 24
    assert second["classes"] == {"ants": 7, "bees": 8, "leaves": 9}
    assert second["problems"] == 1
    assert project.image("ants/photo-001.jpg").label() == "bees"
    after = dict(project.split().assignment)
    assert {path: side for path, side in after.items() if path in before} == {
        path: side for path, side in before.items() if path != "bees/photo-007.jpg"
    }
    # The new image is a copy of a known one, so it must take its side.
    assert after["leaves/new.jpg"] == before["leaves/photo-000.jpg"]


def test_the_draft_of_a_project_decides_the_first_split(project, do):
    project.save_draft(Recipe().model_dump(mode="json") | {"split": {"validation": 0.0, "test": 0.0}})
    do("scan-project", project=project.folder)
    assert set(project.split().assignment.values()) == {"train"}

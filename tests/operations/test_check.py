"""Data health of a folder."""

import shutil


def test_check_counts_by_class_and_names_what_is_wrong(photos, do):
    root = photos(per_class=4)
    shutil.copy(root / "ants" / "photo-000.jpg", root / "bees" / "the-same.jpg")
    value = do("check", folder=root)
    assert value["images"] == 13
    assert value["classes"] == {"ants": 4, "bees": 5, "leaves": 4}
    found = {path for finding in value["findings"] for path in finding["paths"]}
    assert {"ants/photo-000.jpg", "bees/the-same.jpg"} <= found

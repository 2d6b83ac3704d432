"""Data health of a folder."""

import shutil

from tlstudio.operations import looking


def test_check_counts_by_class_and_names_what_is_wrong(photos, do):
    root = photos(per_class=4)
    shutil.copy(root / "ants" / "photo-000.jpg", root / "bees" / "the-same.jpg")
    value = do("check", folder=root)
    assert value["images"] == 13
    assert value["classes"] == {"ants": 4, "bees": 5, "leaves": 4}
    found = {path for finding in value["findings"] for path in finding["paths"]}
    assert {"ants/photo-000.jpg", "bees/the-same.jpg"} <= found


def test_an_image_that_vanishes_after_the_scan_leaves_the_findings_that_could_be_made(
    photos, do, fresh_cache, monkeypatch
):
    root = photos(per_class=16)
    shutil.copy(root / "ants" / "photo-000.jpg", root / "bees" / "the-same.jpg")
    near_pairs = looking.near_pairs

    def vanishing(looks):
        (root / "leaves" / "photo-003.jpg").unlink()
        return near_pairs(looks)

    monkeypatch.setattr("tlstudio.operations.looking.near_pairs", vanishing)
    findings = do("check", folder=root)["findings"]
    by_check = {finding["check"]: finding for finding in findings}
    assert by_check["label-conflicts"]["severity"] in ("warning", "serious")
    outliers = by_check["outliers"]
    assert outliers["severity"] == "note"
    assert "could not be made: " in outliers["message"]
    assert "photo-003.jpg" in outliers["message"]

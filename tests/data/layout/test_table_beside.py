"""The table beside images that were scanned before."""

from __future__ import annotations

from tlstudio.data.layout.table_beside import load_table


def test_it_is_found_in_the_folder_that_wraps_the_images(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "labels.csv").write_text("image,patient\n1.jpg,Ann\n", encoding="utf-8")
    paths = ["set/a/1.jpg", "set/b/2.jpg"]
    table = load_table(tmp_path, paths)
    assert table is not None
    assert table.values("patient") == {"set/a/1.jpg": "Ann"}
    assert load_table(tmp_path / "gone", paths) is None
    assert load_table(tmp_path, []) is None

"""Ranking backbones on a folder."""


def test_a_folder_is_ranked_without_its_test_images(photos, do):
    rows = do("rank", folder=photos(per_class=10), backbones=["efficientnet_lite0"] * 2)["backbones"]
    (row,) = rows
    assert row["id"] == "efficientnet_lite0"
    assert row["n"] < 30, "test images have no part in it"
    assert row["interval"][0] <= row["accuracy"] <= row["interval"][1]
    assert row["difference"] == 0
    assert row["seconds_per_1000"] > 0
    assert row["licence"] == "Apache-2.0"

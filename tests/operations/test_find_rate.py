"""Finding a learning rate on a folder."""

from tests.operations.conftest import CHEAP


def test_a_rate_is_looked_for_on_a_folder(photos, do):
    recipe = {**CHEAP, "strategy": "fine-tune", "freeze": "top"}
    found = do("find-rate", folder=photos(per_class=10), recipe=recipe)
    assert found["images"] < 30, "check and test images have no part in it"
    assert set(found["curve"][0]) == {"rate", "loss", "smoothed"}
    assert found["usual"] == 0.0003
    assert found["sentence"]

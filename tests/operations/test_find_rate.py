"""Finding a learning rate on a folder."""

from tests.operations.conftest import CHEAP
from tlstudio.core.events import WarningRaised


def test_a_rate_is_looked_for_on_a_folder(photos, do):
    recipe = {**CHEAP, "strategy": "fine-tune", "freeze": "top"}
    found = do("find-rate", folder=photos(per_class=10), recipe=recipe)
    assert found["images"] < 30, "check and test images have no part in it"
    assert set(found["curve"][0]) == {"rate", "loss", "smoothed"}
    assert found["usual"] == 0.0003
    assert found["sentence"]


def test_files_that_cannot_be_used_are_named(photos, do):
    folder, events = photos(per_class=10), []
    (folder / "ants" / "broken.jpg").write_bytes(b"no image")
    recipe = {**CHEAP, "strategy": "fine-tune", "freeze": "top"}
    do("find-rate", folder=folder, recipe=recipe, emit=events.append)
    (said,) = (event for event in events if isinstance(event, WarningRaised) and event.code == "skipped")
    assert said.paths == ("ants/broken.jpg",)
    assert said.reasons[0]

"""Which backbones are ranked when none is named."""

import pytest

from tlstudio.models.catalogue import ready_offline
from tlstudio.operations import ranking


def test_backbones_that_work_without_a_network_are_ranked(
    photos, do, tmp_path, monkeypatch: pytest.MonkeyPatch
):
    ranked = []
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipe.json").write_text("{}")  # of a run in the folder from where the command is called
    monkeypatch.setattr(ranking, "rank_backbones", lambda _images, names, **_rest: ranked.extend(names) or ())
    assert do("rank", folder=photos()) == {"backbones": []}
    assert ranked == ready_offline()

"""Which backbones are ranked when none is named."""

import pytest

from tlstudio.models.catalogue import ready_offline
from tlstudio.operations import ranking


def test_backbones_that_work_without_a_network_are_ranked(photos, do, monkeypatch: pytest.MonkeyPatch):
    ranked = []
    monkeypatch.setattr(ranking, "rank_backbones", lambda _images, names, **_rest: ranked.extend(names) or ())
    assert do("rank", folder=photos()) == {"backbones": []}
    assert ranked == ready_offline()

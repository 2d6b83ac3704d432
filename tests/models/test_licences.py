"""What a licence of weights allows."""

from __future__ import annotations

import pytest

from tlstudio.models.catalogue import catalog
from tlstudio.models.licences import licence_terms


@pytest.mark.parametrize(
    ("licence", "light"),
    [
        ("Apache-2.0", "green"),
        ("apache 2.0", "green"),
        ("MIT", "green"),
        ("BSD-3-Clause", "green"),
        ("CC-BY-4.0", "green"),
        ("CC0-1.0", "green"),
        ("CC-BY-SA-4.0", "amber"),
        ("GPL-3.0-only", "amber"),
        ("AGPL-3.0", "amber"),
        ("openrail", "amber"),
        ("CC-BY-NC-4.0", "red"),
        ("CC-BY-NC-SA-4.0", "red"),
        ("CC-BY-ND-4.0", "red"),
        ("PolyForm-Noncommercial-1.0.0", "red"),
        ("Research only", "red"),
        ("", "amber"),
        ("not stated", "amber"),
        ("permission granted", "amber"),
    ],
)
def test_the_light_follows_what_may_be_done(licence: str, light: str):
    terms = licence_terms(licence)
    assert terms.light == light
    assert terms.sentence.endswith(".")


def test_every_backbone_of_the_catalogue_is_free_to_use():
    assert {licence_terms(info.licence).light for info in catalog()} == {"green"}


def test_what_is_known_of_the_built_in_weights_is_said():
    (lite,) = (info for info in catalog() if info.id == "efficientnet_lite0")
    assert "states no licence" in lite.licence_note

"""A photo is decoded once, whether the command line or the window trains on it."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from hashlib import sha256

import pytest

from tests.operations.conftest import CHEAP
from tests.training.tiny import PREPROCESSING
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Event, StageProgress, ignore
from tlstudio.data.formats.pillow import PillowReader
from tlstudio.data.scan import scan_folder
from tlstudio.features.decoded_inputs import InputCache, open_input_store
from tlstudio.operations.context import Context
from tlstudio.operations.scanning import scan_for_training
from tlstudio.specs.recipe import Recipe


@pytest.fixture
def decoded(monkeypatch, fresh_cache) -> Counter[bytes]:
    """Number of times each content is decoded or checked, with an empty cache at the start."""
    # The tiny backbone stands in for the one that the recipe names; so does its preprocessing.
    monkeypatch.setattr("tlstudio.operations.scanning.preprocessing_of", lambda _id: PREPROCESSING)
    count: Counter[bytes] = Counter()
    lock = threading.Lock()
    for name in ("read", "check"):
        original = getattr(PillowReader, name)

        def counted(self, data, *, suffix, original=original):
            with lock:
                count[data] += 1
            return original(self, data, suffix=suffix)

        monkeypatch.setattr(PillowReader, name, counted)
    return count


def assert_decoded_once(decoded: Counter[bytes]) -> None:
    """Each of the 24 photos once; only one is decoded anew by training, to check what the cache holds."""
    assert sorted(decoded.values()) == [1] * 23 + [2]


def test_a_project_is_scanned_and_trained_on_with_one_decoding_per_photo(project, do, tmp_path, decoded):
    do("scan-project", project=project.folder)
    do("train-project", project=project.folder, run=tmp_path / "run", recipe=CHEAP)
    assert_decoded_once(decoded)


def test_a_folder_is_scanned_and_trained_on_with_one_decoding_per_photo(photos, do, tmp_path, decoded):
    do("train", folder=photos(), run=tmp_path / "run", recipe=CHEAP)
    assert_decoded_once(decoded)


def test_the_draft_of_a_project_decides_how_its_images_are_cached(project, do, tmp_path, decoded):
    project.save_draft({"fit": "pad"})
    do("scan-project", project=project.folder)
    do("train-project", project=project.folder, run=tmp_path / "run", recipe={**CHEAP, "fit": "pad"})
    assert_decoded_once(decoded)


def test_it_finds_what_a_plain_scan_finds(photos):
    root = photos()
    (root / "ants" / "torn.jpg").write_bytes(b"\xff\xd8\xff torn")
    context = Context(run_id="job", emit=ignore, control=Control())
    assert scan_for_training(root, recipe=Recipe(), context=context) == scan_folder(root)


def test_a_backbone_that_is_gone_does_not_stop_a_scan(photos):
    recipe = Recipe.model_validate({"backbone": {"id": "no-such-backbone"}})
    context = Context(run_id="job", emit=ignore, control=Control())
    assert len(scan_for_training(photos(), recipe=recipe, context=context).images) == 24


def test_a_folder_that_is_not_there_is_told_and_nothing_is_cached(tmp_path, fresh_cache):
    context = Context(run_id="job", emit=ignore, control=Control())
    with pytest.raises(UserError, match="There is no folder"):
        scan_for_training(tmp_path / "nowhere", recipe=Recipe(), context=context)
    assert not fresh_cache.exists()


def test_what_was_decoded_before_cancelling_stays_cached(photos, decoded, monkeypatch):
    monkeypatch.setattr("tlstudio.core.progress.SECONDS_BETWEEN", 0)
    control = Control()

    def cancel_soon(event: Event) -> None:
        if isinstance(event, StageProgress) and event.done == 2:
            control.cancel()

    context = Context(run_id="job", emit=cancel_soon, control=control)
    with pytest.raises(Cancelled):
        scan_for_training(photos(), recipe=Recipe(), context=context)
    cached = InputCache(open_input_store(replace(PREPROCESSING, values=())))
    assert sum(sha256(data).hexdigest() in cached for data in decoded) >= 2

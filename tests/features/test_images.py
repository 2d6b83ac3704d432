import hashlib
import threading
from pathlib import Path

import pytest
import torch

from tests.training.tiny import PREPROCESSING, Photos
from tlstudio.data.decode import UnreadableImageError
from tlstudio.features import images
from tlstudio.features.images import ChangedImageError, RunImage, label_tensor, read_ahead, read_input


def files_of(root: Path) -> list[Path]:
    return sorted(root.rglob("*.jpg"))


def test_order_and_content_do_not_depend_on_threads(photos: Photos):
    files = files_of(photos(per_class=15))
    assert len(files) > images.DECODED_AHEAD
    one = list(read_ahead([(f, None) for f in files], preprocessing=PREPROCESSING, threads=1))
    four = list(read_ahead([(f, None) for f in files], preprocessing=PREPROCESSING, threads=4))
    for a, b, file in zip(one, four, files, strict=True):
        assert isinstance(a, torch.Tensor)
        assert isinstance(b, torch.Tensor)
        assert torch.equal(a, b)
        assert torch.equal(a, read_input(file, preprocessing=PREPROCESSING))


def test_a_bounded_number_is_decoded_ahead(photos: Photos, monkeypatch: pytest.MonkeyPatch):
    files = files_of(photos(per_class=20))
    begun = []
    real = images.read_input
    monkeypatch.setattr(images, "read_input", lambda file, **rest: begun.append(file) or real(file, **rest))
    reading = read_ahead([(file, None) for file in files], preprocessing=PREPROCESSING, threads=2)
    next(reading)
    assert len(begun) <= images.DECODED_AHEAD < len(files)
    reading.close()


def test_leaving_early_ends_the_threads(photos: Photos):
    files = files_of(photos())
    reading = read_ahead([(file, None) for file in files], preprocessing=PREPROCESSING, threads=2)
    next(reading)
    reading.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("decode")]


def test_unreadable_and_changed_files_yield_their_reasons_in_order(photos: Photos):
    good, bad, changed = files_of(photos())[:3]
    bad.write_bytes(b"not an image")
    wanted = [(good, hashlib.sha256(good.read_bytes()).hexdigest()), (bad, None), (changed, "0" * 64)]
    a, b, c = read_ahead(wanted, preprocessing=PREPROCESSING, threads=2)
    assert isinstance(a, torch.Tensor)
    assert isinstance(b, UnreadableImageError)
    assert isinstance(c, ChangedImageError)


def test_labels_are_whole_numbers_also_of_no_images():
    some = [RunImage(path="", file=Path(), sha256="", label=label) for label in (2, 0)]
    assert label_tensor(some).tolist() == [2, 0]
    assert label_tensor(()).dtype == torch.int64

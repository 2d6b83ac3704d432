from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from tests.training.tiny import tiny_backbone
from tlstudio.training.run import run as run_module


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs use the tiny backbone, whatever the recipe names."""
    monkeypatch.setattr(run_module, "load_backbone", tiny_backbone)


@pytest.fixture(autouse=True)
def same_threads() -> Iterator[None]:
    """A run sets the thread count of the process; the next test gets the old one."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)

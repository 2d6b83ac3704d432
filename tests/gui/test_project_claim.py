"""A project is open in one window at a time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tlstudio.core.errors import UserError
from tlstudio.gui.project_claim import ProjectClaim


@pytest.fixture
def claims(qapp) -> Iterator[list[ProjectClaim]]:
    claims = [ProjectClaim(), ProjectClaim()]
    yield claims
    for claim in claims:
        claim.release()


def test_a_second_window_is_refused_and_the_first_is_asked_for(claims, tmp_path: Path, qtbot):
    first, second = claims
    first.take(tmp_path, name="Bees")
    with (
        qtbot.waitSignal(first.asked_for),
        pytest.raises(UserError, match="“Bees” is open in another window"),
    ):
        second.take(tmp_path, name="Bees")


def test_the_same_window_may_open_its_project_again(claims, tmp_path: Path):
    claims[0].take(tmp_path, name="Bees")
    claims[0].take(tmp_path, name="Bees")


def test_a_project_is_free_again_once_another_one_is_open_or_it_was_closed(claims, tmp_path: Path):
    first, second = claims
    first.take(tmp_path / "a", name="a")
    first.take(tmp_path / "b", name="b")
    second.take(tmp_path / "a", name="a")
    first.release()
    second.take(tmp_path / "b", name="b")


def test_a_refusal_leaves_the_earlier_claim(claims, tmp_path: Path):
    first, second = claims
    first.take(tmp_path / "a", name="a")
    second.take(tmp_path / "b", name="b")
    with pytest.raises(UserError):
        second.take(tmp_path / "a", name="a")
    with pytest.raises(UserError):
        first.take(tmp_path / "b", name="b")


def test_a_window_that_was_killed_claims_nothing(claims, tmp_path: Path):
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom PySide6.QtCore import QCoreApplication\n"
        "from tlstudio.gui.project_claim import ProjectClaim\n"
        "app = QCoreApplication([])\nclaim = ProjectClaim()\nclaim.take(Path(sys.argv[1]), name='x')\n"
        "print(claim._server.isListening(), flush=True)\nos._exit(9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (9, "True\n")
    claims[0].take(tmp_path, name="Bees")
    with pytest.raises(UserError):
        claims[1].take(tmp_path, name="Bees")

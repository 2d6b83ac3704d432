"""The repository around the source: versions, licence, and what the documents promise."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert all(len(pin.specifier) == 1 and next(iter(pin.specifier)).operator == "==" for pin in pins)
    return {canonicalize_name(pin.name): next(iter(pin.specifier)).version for pin in pins}


def _requirements() -> list[Requirement]:
    extras = PROJECT["project"]["optional-dependencies"]
    groups = PROJECT["dependency-groups"]
    texts = [*PROJECT["project"]["dependencies"], *groups["dev"]]
    # What make run and make test install; the other extras are chosen by a person.
    texts += [*extras["backbones"], *extras["formats"]]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("requirement", _requirements(), ids=str)
def test_every_requirement_is_pinned_to_a_version_that_it_allows(requirement: Requirement) -> None:
    pins = _pins()
    name = canonicalize_name(requirement.name)
    assert name in pins
    assert requirement.specifier.contains(pins[name])


def test_constraints_name_packages_only() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("-") or "://" in line] == []


def test_readme_names_the_pinned_torch() -> None:
    readme, pins = (ROOT / "README.md").read_text(encoding="utf-8"), _pins()
    assert f"torch=={pins['torch']} torchvision=={pins['torchvision']}" in readme


def test_readme_has_the_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in ("make run", "make test", "pip install -c constraints.txt ."):
        assert command in readme
    for extra in PROJECT["project"]["optional-dependencies"]:
        assert f"| `{extra}` |" in readme


def test_make_knows_its_targets() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    script = (ROOT / "packaging" / "bootstrap.sh").read_text(encoding="utf-8")
    for target in ("run", "test", "test-all", "lint", "docs", "bench"):
        assert re.search(rf"^([\w-]+ )*{target}( [\w-]+)*:", makefile, re.MULTILINE)
        assert re.search(rf"^(\w+ \| )*{target}( \| [\w-]+)*\)", script, re.MULTILINE)


def test_licence_is_apache() -> None:
    assert PROJECT["project"]["license"] == "Apache-2.0"
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


def test_build_machine_calls_make_test() -> None:
    run = ROOT / ".ci" / "run"
    assert "make test" in run.read_text(encoding="utf-8")
    assert run.stat().st_mode & 0o111


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not here, so there is no list of the project's own files")
    listed = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("this is no git checkout, so there is no list of the project's own files")
    # Written in parts, so that this file does not find itself.
    traces = re.compile(
        "|".join([r"/ho" + r"me/\w", r"/Us" + r"ers/\w", "/ro" + "ot/", r"[A-Z]:\\Us" + "ers"])
    )
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        file = ROOT / name
        try:
            text = file.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
        found += [
            f"{name}:{number}"
            for number, line in enumerate(text.splitlines(), start=1)
            if traces.search(line) or f"{ROOT}/" in line
        ]
    assert found == []

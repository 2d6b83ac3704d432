"""The website of the documentation."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def build_docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_docs", ROOT / "packaging" / "build_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / "docs" / "guide").mkdir(parents=True)
    (root / "docs" / "pictures").mkdir()
    (root / "docs" / "pictures" / "one.png").write_bytes(b"picture")
    (root / "LICENSE").write_text("licence")
    (root / "README.md").write_text(
        "# Home & away\n\n[Guide](docs/guide/start.md#the-first-step) ![one](docs/pictures/one.png)\n"
        "[Licence](LICENSE) [out](https://example.org)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    (root / "docs" / "guide" / "start.md").write_text(
        "# Start\n\n## The first step\n\n[home](../../README.md)\n"
    )
    return root


def test_pages_link_to_one_another(build_docs: ModuleType, repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    assert build_docs.build(repository, out) == 2
    home = (out / "index.html").read_text(encoding="utf-8")
    assert 'href="guide/start.html#the-first-step"' in home
    assert "<title>Home &amp; away</title>" in home
    assert "<td>1</td>" in home
    assert 'href="https://example.org"' in home
    start = (out / "guide" / "start.html").read_text(encoding="utf-8")
    assert '<h2 id="the-first-step">' in start
    assert 'href="../index.html"' in start
    assert (out / "pictures" / "one.png").read_bytes() == b"picture"


def test_old_pages_are_removed(build_docs: ModuleType, repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    out.mkdir()
    (out / "old.html").write_text("old")
    build_docs.build(repository, out)
    assert not (out / "old.html").exists()


@pytest.mark.parametrize(
    "link", ["docs/missing.md", "docs/guide/start.md#missing", "docs/pictures/two.png", "#missing"]
)
def test_link_that_leads_nowhere_fails(
    build_docs: ModuleType, repository: Path, tmp_path: Path, link: str
) -> None:
    (repository / "README.md").write_text(f"# Home\n\n[there]({link})\n")
    with pytest.raises(build_docs.BrokenLinkError, match=r"README\.md"):
        build_docs.build(repository, tmp_path / "site")


def test_our_own_pages_have_no_broken_link(build_docs: ModuleType, tmp_path: Path) -> None:
    assert build_docs.build(ROOT, tmp_path / "site") >= 15

"""The documentation site, built as `make docs` builds it."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DEAD_LINKS = {
    "README.md": ["docs/missing-page.md"],
    "docs/glossary.md": ["#missing-heading-here", "missing-picture.png"],
    "docs/user-guide/index.md": ["data.md#missing-heading-there", "../missing-file.zip"],
}


def _build(checkout: Path) -> subprocess.CompletedProcess[str]:
    """Run the command of `make docs` in a checkout, with this Python."""
    script = (ROOT / "packaging" / "bootstrap.sh").read_text(encoding="utf-8")
    command = re.search(r'"\$python" (-m sphinx [^|]*) \|\|', script)
    assert command is not None, "bootstrap.sh no longer calls Sphinx"
    arguments = [sys.executable, *shlex.split(command[1])]
    return subprocess.run(arguments, cwd=checkout, capture_output=True, text=True, check=False, timeout=120)


def _hops() -> list[tuple[str, str]]:
    """File and function of every hop of the flows in docs/architecture.md.

    A hop that names no file is in the file of the hop before it; one that names no function has an empty one.
    """
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.partition("## Three flows, hop by hop")[2].partition("\n## ")[0]
    hops, file = [], ""
    for line in re.findall(r"^\d+\. (.*)", section, re.MULTILINE):
        codes = re.findall(r"`([^`]+)`", line)
        file = next((code for code in codes if code.endswith(".py")), file)
        hops.append((file, next((code for code in codes if re.fullmatch(r"[\w.]*\w(?<!\.py)", code)), "")))
    return hops


def test_the_flows_name_functions_that_exist() -> None:
    hops = _hops()
    assert len(hops) > 40
    files = {file: (ROOT / "tlstudio" / file).read_text(encoding="utf-8") for file, _ in hops}
    missing = [
        (file, name)
        for file, name in hops
        if name and not all(re.search(rf"(def|class) {part}\b", files[file]) for part in name.split("."))
    ]
    assert missing == []


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the site is made from, with dead links added."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs", ignore=shutil.ignore_patterns("_site"))
    shutil.copy(ROOT / "README.md", tmp_path)
    for page, links in DEAD_LINKS.items():
        with (tmp_path / page).open("a", encoding="utf-8") as file:
            for link in links:
                file.write(f"\n{'!' if link.endswith('.png') else ''}[dead]({link})\n")
    return tmp_path


def test_only_dead_links_fail_the_build_of_a_whole_site(checkout: Path) -> None:
    """One build for both: it takes six seconds, and goes on after a dead link."""
    result = _build(checkout)
    assert result.returncode != 0
    warnings = [line for line in result.stderr.splitlines() if ": WARNING: " in line]
    for page, links in DEAD_LINKS.items():
        for link in links:
            # A missing heading of another page is named without the page that it was looked for in.
            said = link.rpartition("#")[2].rpartition("/")[2]
            named = [line for line in warnings if page in line and said in line]
            assert named, (link, result.stderr)
            warnings = [line for line in warnings if line not in named]
    assert warnings == []
    check_pages(checkout)


def check_pages(checkout: Path) -> None:
    """Check that the site has every page and picture of the repository, and is read without a network."""
    site = checkout / "docs" / "_site"
    for page in (checkout / "docs").rglob("*.md"):
        built = site / page.relative_to(checkout / "docs").with_suffix(".html")
        assert built.is_file(), page
        html = built.read_text(encoding="utf-8")
        assert "</html>" in html
        loaded = re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", html)
        assert [tag for tag in loaded if re.search(r"""(?:src|href)=["'](?:https?:)?//""", tag)] == []
    home = (site / "index.html").read_text(encoding="utf-8")
    assert 'href="user-guide/index.html"' in home
    assert 'href="adr/0001-two-processes.html"' in home
    (picture,) = re.findall(r'<img[^>]* src="([^"]+)"', home)
    assert (site / picture).stat().st_size > 10_000
    guide = (site / "user-guide" / "command-line.html").read_text(encoding="utf-8")
    assert 'href="data.html#the-split"' in guide

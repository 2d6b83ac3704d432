"""Turns README.md and docs/ into a small website: `make docs` writes it to docs/_site.

A link or picture that leads nowhere is a fault: the page is named and the build fails.
"""

from __future__ import annotations

import html
import re
import shutil
import sys
from itertools import pairwise
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parent.parent
PICTURES = (".png", ".jpg", ".svg", ".gif")

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: light-dark(#3b5bdb, #91a7ff); }
body { margin: 0; font: 16px/1.6 system-ui, sans-serif; display: flex; }
nav { width: 15rem; flex: none; padding: 1.5rem 1rem; min-height: 100vh; }
nav { border-right: 1px solid var(--line); }
nav a { display: block; padding: .15rem .5rem; border-radius: .4rem; text-decoration: none; color: inherit; }
nav a[aria-current] { background: var(--soft); font-weight: 600; }
nav h2 { font-size: .8rem; margin: 1rem .5rem .25rem; opacity: .7; }
main { padding: 1.5rem 2.5rem; max-width: 48rem; min-width: 0; }
main a, nav a:hover { color: var(--accent); }
img { max-width: 100%; border: 1px solid var(--line); border-radius: .5rem; }
pre, code { font: .9em/1.5 ui-monospace, monospace; background: var(--soft); border-radius: .3rem; }
code { padding: .1em .3em; }
pre { padding: 1rem; overflow-x: auto; } pre code { padding: 0; background: none; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: .3rem .7rem; text-align: left; vertical-align: top; }
@media (max-width: 50rem) { body { display: block; } nav { width: auto; min-height: 0; border: 0; } }
"""


class BrokenLinkError(Exception):
    """A page links to something that is not there."""


def target_of(source: PurePosixPath) -> PurePosixPath:
    """Where a Markdown file, named from the repository's root, ends up in the site."""
    if source == PurePosixPath("README.md"):
        return PurePosixPath("index.html")
    return source.relative_to("docs").with_suffix(".html")


def slug(text: str) -> str:
    """A heading's name in links, made as code hosts do it."""
    return re.sub(r"[^\w\- ]", "", text.lower()).strip().replace(" ", "-")


def heading_text(inline: Token) -> str:
    """A heading without its marks."""
    return "".join(child.content for child in inline.children or [])


class Site:
    """All pages of one build.

    Args:
        root: The repository, with README.md and docs/.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
        self.sources = [PurePosixPath("README.md")]
        for path in sorted((root / "docs").rglob("*.md")):
            source = PurePosixPath(path.relative_to(root).as_posix())
            if "_site" not in source.parts:
                self.sources.append(source)
        self.tokens = {
            source: self.markdown.parse((root / source).read_text(encoding="utf-8"))
            for source in self.sources
        }
        self.pictures: set[PurePosixPath] = set()

    def title(self, source: PurePosixPath) -> str:
        """The page's first heading."""
        tokens = self.tokens[source]
        for token, inline in pairwise(tokens):
            if token.type == "heading_open":
                return heading_text(inline)
        return source.stem

    def anchors(self, source: PurePosixPath) -> set[str]:
        """The names that links may put after `#`."""
        tokens = self.tokens[source]
        return {
            slug(heading_text(inline)) for token, inline in pairwise(tokens) if token.type == "heading_open"
        }

    def link(self, source: PurePosixPath, target: str) -> str:
        """The link as it must be in the site.

        Raises:
            BrokenLinkError: It leads to no page, heading or picture.
        """
        if re.match(r"[a-z]+:", target):
            return target
        name, _, anchor = target.partition("#")
        there = PurePosixPath(normpath(str(source.parent / name))) if name else source
        here = target_of(source).parent
        if there in self.tokens:
            if anchor and anchor not in self.anchors(there):
                raise BrokenLinkError(f"{source}: no heading '#{anchor}' in {there}")
            return relpath(str(target_of(there)), str(here)) + (f"#{anchor}" if anchor else "")
        if not (self.root / there).is_file():
            raise BrokenLinkError(f"{source}: {target} is not there")
        if there.suffix.lower() in PICTURES and there.is_relative_to("docs"):
            self.pictures.add(there)
            return relpath(str(there.relative_to("docs")), str(here))
        # A file of the source, e.g. the licence: there is no page for it.
        return relpath(str(there), str(PurePosixPath("docs/_site") / here))

    def body(self, source: PurePosixPath) -> str:
        """The page's own HTML."""
        tokens = self.tokens[source]
        for token, following in zip(tokens, [*tokens[1:], None], strict=True):
            if token.type == "heading_open" and following is not None:
                token.attrSet("id", slug(heading_text(following)))
            for child in token.children or []:
                for attribute in ("href", "src"):
                    value = child.attrGet(attribute)
                    if isinstance(value, str):
                        child.attrSet(attribute, self.link(source, value))
        return str(self.markdown.renderer.render(tokens, self.markdown.options, {}))

    def navigation(self, current: PurePosixPath) -> str:
        """Links to all pages, those of one folder together."""
        parts, folder = [], PurePosixPath("docs")
        for source in sorted(self.sources, key=lambda s: (s.parent != PurePosixPath("."), s.parent, s.name)):
            if source.parent not in (folder, PurePosixPath(".")):
                folder = source.parent
                parts.append(f"<h2>{html.escape(folder.name.replace('-', ' ').capitalize())}</h2>")
            mark = ' aria-current="page"' if source == current else ""
            link = relpath(str(target_of(source)), str(target_of(current).parent))
            parts.append(f'<a href="{html.escape(link)}"{mark}>{html.escape(self.title(source))}</a>')
        return "\n".join(parts)

    def write(self, out: Path) -> None:
        """Write every page and picture into an empty folder."""
        for source in self.sources:
            body = self.body(source)
            page = out / target_of(source)
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(
                '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
                '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
                f"<title>{html.escape(self.title(source))}</title><style>{STYLE}</style></head><body>\n"
                f"<nav>{self.navigation(source)}</nav>\n<main>{body}</main></body></html>\n",
                encoding="utf-8",
            )
        for picture in self.pictures:
            copy = out / picture.relative_to("docs")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.root / picture, copy)


def build(root: Path, out: Path) -> int:
    """Build the site anew.

    Args:
        root: The repository.
        out: Emptied first.

    Returns:
        The number of pages.

    Raises:
        BrokenLinkError: See `Site.link`.
    """
    shutil.rmtree(out, ignore_errors=True)
    site = Site(root)
    site.write(out)
    return len(site.sources)


def main() -> int:
    """Build docs/_site and say so."""
    out = ROOT / "docs" / "_site"
    try:
        pages = build(ROOT, out)
    except BrokenLinkError as error:
        print(f"make docs: {error}", file=sys.stderr)
        return 1
    print(f"{pages} pages: open {out.relative_to(ROOT) / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

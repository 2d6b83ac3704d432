"""Tool tips that explain the technical terms of a visible text, with the sentences of the glossary."""

from __future__ import annotations

import functools
import html
import re
import textwrap

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QAbstractButton, QLabel, QToolTip, QWidget

from tlstudio.core.glossary import terms_in

MOST_EXPLAINED = 4
LINE_CHARACTERS = 78
MARKUP = re.compile(r"<[\w/!?]|&\w+;")
"""Signs that Qt may take for HTML."""
MORE = "Also in Help, Glossary: "


@functools.lru_cache(maxsize=1024)  # pages are shown again and again with the same words
def with_terms(tip: str, *, text: str) -> str:
    """A tool tip, followed by the meaning of the technical terms that a text holds.

    Long lines are broken, because Qt does not wrap a tip of plain text.

    Args:
        tip: What is said anyway; may be empty. Terms are not explained again by a tip that does so already.
        text: What the person reads where the tip appears.
    """
    said = " ".join(tip.split())
    terms = [entry for entry in terms_in(text) if entry.meaning not in said]
    lines = [tip] if tip else []
    lines += [f"{entry.title}: {entry.meaning}" for entry in terms[:MOST_EXPLAINED]]
    if len(terms) > MOST_EXPLAINED:
        lines.append(MORE + ", ".join(entry.title for entry in terms[MOST_EXPLAINED:]) + ".")
    return "\n".join(wrapped(line) for line in lines)


def wrapped(text: str) -> str:
    """A text in lines that fit on every screen; its own line breaks stay."""
    return "\n".join(
        textwrap.fill(line, LINE_CHARACTERS, break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )


def as_tip(text: str) -> str:
    """A text as a tool tip that shows it as it is, also where names in it look like markup."""
    if not MARKUP.search(text):
        return text
    return f"<p style='white-space: pre'>{html.escape(text)}</p>"


def visible_text(widget: QWidget | None) -> str:
    """Read the text of a label or button as a person sees it; empty for any other widget."""
    if isinstance(widget, QLabel):
        return re.sub(r"<[^>]+>|&nbsp;", " ", widget.text())
    return widget.text().replace("&", "") if isinstance(widget, QAbstractButton) else ""


class TermTips(QObject):
    """Explains the technical terms of labels that have no tip of their own, all over a window.

    Args:
        window: A window or dialog.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        window.installEventFilter(self)

    def eventFilter(self, window: QObject, event: QEvent) -> bool:
        """Show the tip when none of the widgets below the pointer has shown one."""
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return False
        widget = window.childAt(event.pos()) if isinstance(window, QWidget) else None
        tip = with_terms("", text=visible_text(widget))
        if not tip:
            return False
        QToolTip.showText(event.globalPos(), tip, widget)
        return True

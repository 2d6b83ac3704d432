"""Flags of the command line in place of the window's words."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

import tlstudio
from tlstudio.cli.flag_words import FLAGS, with_flags
from tlstudio.cli.parser import build_parser

SOURCES = sorted(Path(tlstudio.__file__).parent.rglob("*.py"))
FLAG = re.compile(r"(?<![\w-])--[a-z]")


@functools.cache  # every source is looked through for each of the flags
def sentences(source: Path) -> list[str]:
    """All texts of a module but docstrings, which are statements by themselves."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation
    ]


def test_only_the_command_line_names_its_flags():
    """The window shows the same findings, notes and errors; it names whole commands where it means them."""
    found = {
        (source.name, text)
        for source in SOURCES
        if source.parent.name not in ("cli", "commands")
        for text in sentences(source)
        if FLAG.search(text) and not re.search(r"`?(tlstudio|pip install)\b.*--", text)
    }
    assert {(name, text) for name, text in found if " " in text} == set()


@pytest.mark.parametrize("words", FLAGS)
def test_the_words_are_those_of_the_sentences(words):
    beyond = [source for source in SOURCES if source.name != "flag_words.py"]
    assert any(words.rstrip(" '") in text for source in beyond for text in sentences(source))


def test_every_flag_exists():
    commands = next(action for action in build_parser()._actions if action.choices).choices
    known = {flag for parser in commands.values() for flag in parser._option_string_actions}
    named = {flag for words in FLAGS.values() for flag in re.findall(r"--[a-z-]+", words)}
    assert named <= known


def test_sentences_within_json_values_get_flags_and_others_stay():
    value = {"message": "If not: “Each folder is a class” on the Data page.", "paths": ["a.jpg"], "n": 3}
    assert with_flags([value]) == [{"message": "If not: --layout top.", "paths": ["a.jpg"], "n": 3}]


def test_a_mend_names_the_flag_and_not_the_page():
    assert with_flags("Keep more images for testing (Data → Split), or collect more.") == (
        "Keep more images for testing (train --test), or collect more."
    )

"""Values of flags: what is empty is refused, for every flag that takes a text or a path."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from tlstudio.cli.given import given_names, given_number, given_path, given_text, given_whole
from tlstudio.cli.parser import build_parser


def test_values_are_read():
    assert given_text("a b") == "a b"
    assert given_path("a/b") == Path("a/b")
    assert given_names("a, b,a,,") == ("a", "b")
    assert (given_whole("3"), given_number("0.2")) == (3, 0.2)


@pytest.mark.parametrize(
    ("read", "text", "words"),
    [
        (given_whole, "1.5", "no whole number"),
        (given_whole, "", "no whole"),
        (given_number, "0,2", "no number"),
    ],
)
def test_what_is_no_number_is_told(read, text: str, words: str):
    with pytest.raises(argparse.ArgumentTypeError, match=words):
        read(text)


@pytest.mark.parametrize("read", [given_text, given_path, given_names])
@pytest.mark.parametrize("empty", ["", "  "])
def test_nothing_is_refused(read, empty: str):
    with pytest.raises(argparse.ArgumentTypeError, match="it is empty"):
        read(empty)


def commands() -> dict[str, argparse.ArgumentParser]:
    return build_parser()._subparsers._group_actions[0].choices


def test_no_command_takes_an_empty_path():
    paths = [
        (name, action.dest)
        for name, parser in commands().items()
        for action in parser._actions
        if action.type is Path
    ]
    assert paths == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "images", "--run", ""),
        ("train", "", "--run", "run"),
        ("train", "images", "--run", "run", "--teacher", ""),
        ("train", "images", "--run", "run", "--unlabelled", " "),
        ("train", "images", "--run", "run", "--ignore", ""),
        ("train", "images", "--run", "run", "--recipe", ""),
        ("train", "images", "--run", "run", "--weights", ""),
        ("train", "images", "--run", "run", "--groups", ""),
        *(
            ("train", "images", "--run", "run", flag, "")
            for flag in ("--backbone", "--strategy", "--freeze", "--device", "--values", "--channels")
        ),
        ("export", "run", "--format", ""),
        ("rank", "images", "--backbones", ""),
        ("rank", "images", "--backbones", ","),
        ("evaluate", "run", "--images", ""),
        ("report", "run", "--out", ""),
        ("predict", "run", ""),
        ("predict", "run", "image.jpg", "--csv", ""),
    ],
)
def test_an_empty_value_is_told_with_its_flag(arguments: tuple[str, ...], capsys):
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args(arguments)
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert "it is empty" in error
    assert len(error.splitlines()) == 1

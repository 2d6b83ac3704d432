"""Commands run in the process of the tests."""

import json

import pytest

from tlstudio.cli.main import main


@pytest.fixture
def call(capsys):
    """Runs a command in this process: exit code, the JSON of its last line (or None), stderr."""

    def run(*arguments) -> tuple[int, object, str]:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        lines = captured.out.strip().splitlines()
        value = json.loads(lines[-1]) if lines and "--json" in arguments else None
        assert "Traceback" not in captured.err
        return code, value, captured.err

    return run


@pytest.fixture
def trained(trained_run, tiny_backbones):
    """A trained run of three easy classes, shared by the tests that only look at it: (images, run, JSON)."""
    return trained_run

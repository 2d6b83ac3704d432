"""Runtimes: listed, and one chosen."""

import os

from tlstudio.models.frozen.runtime_choice import SETTING
from tlstudio.operations import use_runtime


def test_the_runtime_applies_from_the_next_job_on(do, monkeypatch):
    monkeypatch.setenv(SETTING, "auto")
    assert "torch-fp32" in do("runtimes")["ids"]
    assert do("use-runtime", runtime="torch-fp32") == {}
    assert os.environ[SETTING] == "torch-fp32"
    assert use_runtime.IMPLEMENTATION is use_runtime.use_runtime

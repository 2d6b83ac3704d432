"""Chooses the runtime of this process."""

from __future__ import annotations

import os

from tlstudio.models.frozen.runtime_choice import SETTING
from tlstudio.operations.context import Context, Values
from tlstudio.specs.operations.use_runtime import UseRuntimeArguments


def use_runtime(arguments: UseRuntimeArguments, context: Context) -> Values:
    """Set the runtime that computes frozen stages from the next job of this process on: `{}`."""
    os.environ[SETTING] = arguments.runtime
    return {}


IMPLEMENTATION = use_runtime

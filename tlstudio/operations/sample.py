"""Draws the images of a sample."""

from __future__ import annotations

from tlstudio.core.files import cache_dir
from tlstudio.operations.context import Context, Values
from tlstudio.samples.make import make_sample
from tlstudio.specs.operations.sample import SampleArguments


def sample(arguments: SampleArguments, context: Context) -> Values:
    """Draw a sample's images, unless they exist already: `{"folder"}`."""
    out = arguments.out or cache_dir() / "samples" / arguments.sample
    folder = make_sample(
        arguments.sample, out, run_id=context.run_id, emit=context.emit, control=context.control
    )
    return {"folder": str(folder)}


IMPLEMENTATION = sample

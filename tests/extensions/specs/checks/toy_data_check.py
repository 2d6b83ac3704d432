"""A check of the data, described."""

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="toy-data-check",
    title="Number of images",
    summary="Counts the images.",
    subject="data",
    needs=("dataset",),
)

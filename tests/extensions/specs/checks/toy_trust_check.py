"""A check of a classifier, described."""

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="toy-trust-check",
    title="Number of epochs",
    summary="Counts the epochs.",
    subject="classifier",
    needs=("history",),
)

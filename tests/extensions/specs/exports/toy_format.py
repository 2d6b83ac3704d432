"""An export format, described."""

from tlstudio.specs.spec import ExportSpec

SPEC = ExportSpec(
    id="toy-format",
    title="Toy file",
    summary="Holds nothing but the classifier itself.",
    audience="Toys",
    suffix=".toy",
    tolerance=1e-3,
    position=900,
)

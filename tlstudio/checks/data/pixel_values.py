"""Pictures of one single colour, and how images with more than 8 bits are seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.dataset import Image
from tlstudio.core.errors import UserError
from tlstudio.core.finding import Finding
from tlstudio.core.values import ORDINARY, ValueSummary, ValueWindow, window_words
from tlstudio.core.wording import count
from tlstudio.data.deep import is_colour
from tlstudio.data.windows import summaries_by_layout
from tlstudio.specs.checks.pixel_values import SPEC


class PixelValues:
    """Looks at the values that the scan has measured; nothing is decoded."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        images = evidence.dataset.images
        try:
            windows = {window.layout: window for window in evidence.windows or ()}
        except UserError as error:
            return [Finding(check=SPEC.id, severity="serious", message=error.what, mend=error.mend)]
        findings = list(_single_colours(images, windows))
        layouts = summaries_by_layout(images)
        for layout, window in windows.items():
            findings.append(_seen(layout, layouts[layout], window))
        return findings or [
            Finding(check=SPEC.id, severity="ok", message="No picture is of one single colour.")
        ]


def _single_colours(images: Sequence[Image], windows: Mapping[str, ValueWindow]) -> Iterator[Finding]:
    flat = [image.path for image in images if image.values and _is_flat(image.values, windows)]
    if flat:
        verb = "is" if len(flat) == 1 else "are"
        yield Finding(
            check=SPEC.id,
            severity="warning",
            message=f"{count(len(flat), 'picture')} {verb} of one single colour.",
            meaning="There is nothing in them to learn from; often a camera or an export failed.",
            numbers={"images": len(flat)},
            paths=tuple(flat),
            mend="Take out those that are empty. If they are not, set which values become black and white.",
        )


def _is_flat(values: ValueSummary, windows: Mapping[str, ValueWindow]) -> bool:
    window = windows.get(values.layout)
    if values.layout == ORDINARY or window is None:
        return values.is_constant
    return window.flattens(values)


def _seen(layout: str, summaries: Sequence[ValueSummary], window: ValueWindow) -> Finding:
    channels = 1 if is_colour(layout) else len(summaries[0].least)
    picks = channels > len(window.channels)
    return Finding(
        check=SPEC.id,
        severity="note",
        message=f"{count(len(summaries), 'image')} ({layout}): {window_words(window)}.",
        meaning="The other channels are not looked at." if picks else "",
        numbers={"images": len(summaries)},
        mend="Pick up to three channels that matter: under Brightness on the Data page." if picks else "",
    )


IMPLEMENTATION = PixelValues()

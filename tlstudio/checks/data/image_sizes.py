"""Images with hardly any pixels, or so long that most of them is cut away."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.data import CHECKS, count
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.types import Finding

FEW_PIXELS = 32
LONG_SIDES = 4


class ImageSizes:
    """Looks at the shorter side and at the ratio of the sides."""

    id = "image-sizes"
    title = "Tiny and very long images"

    def find(self, dataset: Dataset, *, control: Control) -> Sequence[Finding]:
        """See `HealthCheck.find`."""
        findings = []
        tiny = [r.path for r in dataset.images if min(r.width, r.height) < FEW_PIXELS]
        if tiny:
            verb = "is" if len(tiny) == 1 else "are"
            findings.append(
                Finding(
                    check=self.id,
                    severity="warning",
                    message=f"{count(len(tiny), 'image')} {verb} less than {FEW_PIXELS} pixels wide or high.",
                    paths=tuple(tiny),
                    mend="Use the original images, not their previews; or take these out.",
                )
            )
        long = [
            r.path for r in dataset.images if max(r.width, r.height) > LONG_SIDES * min(r.width, r.height)
        ]
        if long:
            verb = "is" if len(long) == 1 else "are"
            findings.append(
                Finding(
                    check=self.id,
                    severity="warning",
                    message=f"{count(len(long), 'image')} {verb} more than {LONG_SIDES} times as long "
                    "as wide; only the middle will be seen.",
                    paths=tuple(long),
                    mend='Cut them to what matters, or choose "Keep the whole image" (pad).',
                )
            )
        return findings or [
            Finding(check=self.id, severity="ok", message="All images have a usable size and shape.")
        ]


CHECKS.register(ImageSizes())

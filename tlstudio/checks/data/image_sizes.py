"""Images with hardly any pixels, or so long that most of them is cut away."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.wording import count
from tlstudio.specs.checks.image_sizes import SPEC

FEW_PIXELS = 32
LONG_SIDES = 4


class ImageSizes:
    """Checks the shorter side and the aspect ratio."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        findings, records = [], evidence.dataset.images
        tiny = [r.path for r in records if min(r.width, r.height) < FEW_PIXELS]
        if tiny:
            verb = "is" if len(tiny) == 1 else "are"
            findings.append(
                Finding(
                    check=SPEC.id,
                    severity="warning",
                    message=f"{count(len(tiny), 'image')} {verb} less than {FEW_PIXELS} pixels wide or high.",
                    meaning="They are enlarged for the backbone, which then sees a blur.",
                    numbers={"images": len(tiny)},
                    paths=tuple(tiny),
                    mend="Use the original images, not their previews; or take these out.",
                )
            )
        long = [r.path for r in records if max(r.width, r.height) > LONG_SIDES * min(r.width, r.height)]
        if long:
            verb = "is" if len(long) == 1 else "are"
            findings.append(
                Finding(
                    check=SPEC.id,
                    severity="warning",
                    message=f"{count(len(long), 'image')} {verb} more than {LONG_SIDES} times as long "
                    "as wide; only the middle will be seen.",
                    numbers={"images": len(long)},
                    paths=tuple(long),
                    mend='Cut them to what matters, or choose "Keep the whole image" (pad).',
                )
            )
        return findings or [
            Finding(check=SPEC.id, severity="ok", message="All images have a usable size and shape.")
        ]


IMPLEMENTATION = ImageSizes()

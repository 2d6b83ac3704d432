"""Classes that facts about the files give away, without a look at what the images show."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.checks.telling_facts import find_given_away
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.wording import count, named
from tlstudio.specs.checks.file_shortcut import SPEC


class FileShortcut:
    """Names the class that is told most easily by a fact, and the others of which that holds."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        found = find_given_away(evidence.dataset, evidence.data_facts.looks, control=control)
        if not found:
            message = "No class can be told by the size, format, camera, brightness or border of its files."
            return [Finding(check=SPEC.id, severity="ok", message=message)]
        first = found[0]
        also = f" Others that files give away: {named([one.name for one in found[1:]])}." if found[1:] else ""
        return [
            Finding(
                check=SPEC.id,
                severity="warning",
                message=f"{first.kind.words.capitalize()} gives “{first.name}” away: by that alone, "
                f"{first.found} of its {count(len(first.paths), 'image')} are recognised, and "
                f"{first.others_right} of {count(first.others, 'other')} are told from them.{also}",
                meaning=f"A classifier may learn that in place of what the images show, and then errs where "
                f"images were made alike. If {first.name} really looks so, all is well.",
                mend="Take or save the images of all classes in the same way, best from the originals.",
                numbers={
                    "class": first.name,
                    "guessed": first.guessed,
                    "found": first.found,
                    "n": len(first.paths),
                    "others_right": first.others_right,
                    "others": first.others,
                    "classes": len(found),
                },
                paths=first.paths,
            )
        ]


IMPLEMENTATION = FileShortcut()

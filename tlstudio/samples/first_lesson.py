"""Faults planted in the sample of the first lesson: three wrong labels, and one image that fits no class.

A person finds them by Evaluate, so all four lie among the test images of the usual split.
"""

from __future__ import annotations

FIRST_LESSON = "first-lesson"
"""Id of the sample."""
WRONG_LABELS = {
    "bolt/bolt-30.jpg": "washer",
    "screw/screw-20.jpg": "nut",
    "washer/washer-26.jpg": "bolt",
}
"""Images in the folder of a wrong class, with the class that they show."""
PLAIN_WASHER = "bolt/bolt-30.jpg"
"""One of `WRONG_LABELS`, drawn without the teeth that it would have, which make a washer look odd."""
ODD_IMAGE = "nut/nut-37.jpg"
"""An image that shows none of the classes."""
ODD_SHAPE = "key"
"""The shape on `ODD_IMAGE`."""

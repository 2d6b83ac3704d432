"""The command line's flags for what other sentences name by its words in the window.

Sentences about images, runs and errors are the same for both faces and name no flag: where they name what the
window offers, the command line names its own flag.
"""

from __future__ import annotations

from typing import Any

FLAGS = {
    "“Each folder is a class” on the Data page": "--layout top",
    "“Innermost folders” on the Data page": "--layout deepest",
    "“Recognise the folders” on the Data page": "--layout auto",
    "“Groups…” on the Data page, with the pattern '": "--groups '",
    "under Brightness on the Data page": "with --channels",
    "call that column “label”": "call that column “label”, or name it, before any others: --columns NAME",
    "Name the column of the classes before it": "Name the column of the classes before it: --columns A,B",
    "the folder counts": "the folder counts (or with --columns NAME the table)",
    "allow images without a group": "allow images without a group: --groups-partial",
    "(Data → Split)": "(train --test)",
    "Keep some in Data → Split": "Keep some: train --validation",
    "freeze all but the head": "freeze all but the head: --freeze head",
    "the first stage that learns": "the first stage that learns: --freeze STAGE",
    "a weights file of your own": "a weights file of your own: --weights FILE",
    "“Weights from a file…” on the Model page": "--weights FILE",
    "a folder of labelled images": "a folder of labelled images: --images FOLDER",
    "a folder of further images;": "a folder of further images (--unlabelled FOLDER);",
    "say where they are now": "say where they are now (--images FOLDER)",
    "a new table does them anew": "--restart does them anew",
    "resume the training": "resume the training: train --resume",
    "when the training is resumed": "when the training is resumed: train --resume",
}
"""Words of the window, each to the words that the command line says instead."""


def with_flags(value: Any) -> Any:
    """The same value with the command line's words in every sentence.

    Args:
        value: A sentence, or JSON values that hold sentences.
    """
    if isinstance(value, str):
        for words, flag in FLAGS.items():
            value = value.replace(words, flag)
        return value
    if isinstance(value, list):
        return [with_flags(item) for item in value]
    if isinstance(value, dict):
        return {key: with_flags(item) for key, item in value.items()}
    return value

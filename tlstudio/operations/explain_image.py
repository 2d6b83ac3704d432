"""Shows where in an image a classifier looked, and checks that by covering parts of it."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from tlstudio.core.conveniences import working_cache_dir
from tlstudio.core.errors import UserError
from tlstudio.core.files import atomic_path
from tlstudio.data.decode import UnreadableImageError, decode_rgb
from tlstudio.data.preprocessing import to_input
from tlstudio.inference.relevance import probabilities_when_covered, relevance_map
from tlstudio.inference.relevance_picture import draw_relevance
from tlstudio.models.classifier import Classifier, load_classifier
from tlstudio.operations.context import Context, Values
from tlstudio.project.runs import open_run
from tlstudio.specs.operations.explain_image import ExplainImageArguments

MOST_PICTURES = 100
"""Pictures that stay in the cache: a hundred megabytes at most."""


def explain_image(arguments: ExplainImageArguments, context: Context) -> Values:
    """Draw where the classifier looked, over the image.

    Returns:
        `{"picture", "class", "probability", "without", "elsewhere", "is_flat"}`: a file, the class that is
        explained, its probability for the whole image, without the quarter that it looked at most and
        without the one that it looked at least, and whether no place speaks for the class.

    Raises:
        UserError: No classifier, an image that cannot be read, or a class that it does not know.
    """
    model = open_run(arguments.run).trained_model()
    classifier = load_classifier(model)
    try:
        decoded = decode_rgb(arguments.image, values=classifier.preprocessing.values)
    except UnreadableImageError as error:
        raise UserError(f"{arguments.image}: {error.reason}", mend=error.mend) from error
    context.control.check()
    pixels = to_input(decoded.pixels, classifier.preprocessing)
    index = _class_index(classifier, arguments.class_name)
    if index is None:
        own = classifier.probabilities(pixels[None])[0, : classifier.sizes[0]]
        index = int(own.argmax())
    relevance = relevance_map(classifier, pixels, class_index=index)
    context.control.check()
    whole, without, elsewhere = probabilities_when_covered(classifier, pixels, relevance, class_index=index)
    out = arguments.out or _picture_file(model, arguments.image, classifier.classes[index])
    picture = draw_relevance(decoded.pixels, relevance.numpy(), classifier.preprocessing)
    with atomic_path(out) as temporary:
        picture.save(temporary, format="PNG")
    if arguments.out is None:
        _remove_oldest(out.parent)
    return {
        "picture": str(out),
        "class": classifier.classes[index],
        "probability": whole,
        "without": without,
        "elsewhere": elsewhere,
        "is_flat": not bool(relevance.any()),
    }


def _class_index(classifier: Classifier, name: str | None) -> int | None:
    if name is None:
        return None
    if name not in classifier.classes:
        raise UserError(
            f"The classifier does not know the class “{name}”.",
            mend=f"Its classes are: {', '.join(classifier.classes)}.",
        )
    return classifier.classes.index(name)


def _picture_file(model: Path, image: Path, class_name: str) -> Path:
    """A place in the cache that changes with the classifier, the image and the class."""
    about = f"{model}\n{model.stat().st_mtime_ns}\n{image}\n{image.stat().st_mtime_ns}\n{class_name}"
    name = hashlib.sha256(about.encode(errors="surrogateescape")).hexdigest()[:16]
    return working_cache_dir() / "looked" / f"{name}.png"


def _remove_oldest(folder: Path) -> None:
    """Keep the newest pictures of the cache only."""
    with suppress(OSError):  # another process may remove them too
        pictures = sorted(folder.glob("*.png"), key=lambda file: file.stat().st_mtime_ns)
        for file in pictures[:-MOST_PICTURES]:
            file.unlink(missing_ok=True)


IMPLEMENTATION = explain_image

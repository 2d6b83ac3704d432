"""Finds the training images that have most to do with the prediction for an image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tlstudio.compute.device import choose_device
from tlstudio.compute.process import usable_cores
from tlstudio.core.errors import UserError
from tlstudio.core.files import sha256_of
from tlstudio.core.types import Preprocessing
from tlstudio.evaluation.label_scores import read_label_scores
from tlstudio.features.extractor import FeatureExtractor
from tlstudio.features.images import RunImage, label_tensor
from tlstudio.features.views import PLAIN
from tlstudio.inference.related_images import Pulls, pulls, similarities
from tlstudio.models.backbones import load_backbone
from tlstudio.models.classifier import Classifier, load_classifier
from tlstudio.models.frozen.runtime_choice import choose_runtime
from tlstudio.models.stages import Backbone
from tlstudio.models.weights import weights_sha256
from tlstudio.operations.context import Context, Values
from tlstudio.project.images_root import find_images_root, images_are_gone
from tlstudio.project.run_images import read_known_images
from tlstudio.project.runs import RunFolder, open_run
from tlstudio.specs.operations.related_images import RelatedImagesArguments
from tlstudio.specs.recipe import Recipe, read_recipe
from tlstudio.training.loop.optimiser import class_weights


def related_images(arguments: RelatedImagesArguments, context: Context) -> Values:
    """Find similar training images, and those that pulled the prediction to its class.

    Similar means alike to the backbone before it was trained; pulls are those of the trained classifier.

    Returns:
        `{"images_root", "learned", "similar", "pulled", "class", "against", "explained"}`: how many images it
        learned from could be compared, lists of `{"path", "label", "similarity"}` and `{"path", "label",
        "pull"}` (a share of all that pulled it to the class; an empty list where that cannot be told), the
        class that it names and the one it is compared with.

    Raises:
        UserError: No classifier, an image that cannot be read, or the training images are not known or gone.
    """
    run = open_run(arguments.run)
    recipe, classifier = read_recipe(run.recipe), load_classifier(run.trained_model())
    root, learned = _learned_images(run, recipe, classifier, given=arguments.images_root)
    image = RunImage(
        path=str(arguments.image), file=arguments.image, sha256=_sha256(arguments.image), label=0
    )
    others = [one for one in learned if one.sha256 != image.sha256]
    if not others:
        raise UserError("No image that it learned from is left to compare with.", mend="Train again.")
    trained = _features(classifier.backbone, classifier.preprocessing, [*others, image], context)
    frozen = trained
    if weights_sha256(classifier.backbone) != recipe.backbone.weights_sha256:
        file = Path(recipe.backbone.weights_file) if recipe.backbone.weights_file else None
        backbone = load_backbone(
            recipe.backbone.id, weights_file=file, emit=context.emit, control=context.control
        )
        frozen = _features(backbone, classifier.preprocessing, [*others, image], context)
    alike = similarities(frozen[:-1], frozen[-1])
    classes = classifier.classes
    toward, against = _compared(classifier, trained[-1], arguments.against)
    pulled = _pulls(classifier, recipe, trained, label_tensor(others), toward=toward, against=against)

    def listed(values: Tensor, name: str) -> list[dict[str, Any]]:
        order = values.argsort(descending=True, stable=True)[: arguments.count].tolist()
        return [
            {"path": others[row].path, "label": classes[others[row].label], name: float(values[row])}
            for row in order
            if values[row] > 0
        ]

    shares = torch.zeros(len(others), dtype=torch.float64)
    if pulled is not None and pulled.are_sound:
        positive = pulled.values.clamp_min(0)
        shares = positive / positive.sum().clamp_min(1e-12)
    return {
        "images_root": str(root),
        "learned": len(others),
        "similar": listed(alike, "similarity"),
        "pulled": listed(shares, "pull"),
        "class": classes[toward],
        "against": classes[against],
        "explained": pulled.explained if pulled is not None else 0.0,
    }


def _learned_images(
    run: RunFolder, recipe: Recipe, classifier: Classifier, *, given: Path | None
) -> tuple[Path, list[RunImage]]:
    """The images that the run learned from with their labels, as far as they are still there."""
    scored = read_label_scores(run)
    if scored is None or not run.images.exists():
        raise UserError(
            "This run does not know the labels that it learned from: it was made by an older version, or has "
            "too many images.",
            mend="Train again.",
        )
    labels = {one.path: one.label for one in scored.labels}
    known = [image for image in read_known_images(run.images) if image.split == "train"]
    root = find_images_root(run, recipe, paths=(image.path for image in known), given=given)
    if root is None:
        raise UserError(images_are_gone(run, recipe), mend="Put them back.")
    return root, [
        RunImage(
            path=image.path,
            file=root / image.path,
            sha256=image.sha256,
            label=classifier.classes.index(labels[image.path]),
        )
        for image in known
        if labels.get(image.path) in classifier.classes and (root / image.path).is_file()
    ]


def _sha256(file: Path) -> str:
    try:
        return sha256_of(file)
    except OSError as error:
        raise UserError(f"{file} cannot be read.", mend="Check that it is still there.") from error


def _features(
    backbone: Backbone, preprocessing: Preprocessing, images: list[RunImage], context: Context
) -> Tensor:
    """Pooled features [N, F]; most are cached since the training."""
    device = choose_device().device
    extractor = FeatureExtractor(
        backbone,
        end=None,
        preprocessing=preprocessing,
        device=device,
        threads=min(4, usable_cores()),
        runtime=choose_runtime(
            backbone.eval().to(device=device),
            preprocessing=preprocessing,
            device=device,
            threads=torch.get_num_threads(),
            control=context.control,
        ),
    )
    (activations,) = extractor.collect(
        (images, [PLAIN]), run_id=context.run_id, emit=context.emit, control=context.control
    )
    return activations.features().table()


def _compared(classifier: Classifier, feature: Tensor, against: str | None) -> tuple[int, int]:
    """The class that is named for a feature, and the one to compare it with."""
    with torch.no_grad():
        logits = classifier.head.cpu()(feature[None])[0]
    first, second = logits.topk(2).indices.tolist()
    if against is None or against not in classifier.classes:
        return first, second
    index = classifier.classes.index(against)
    return first, second if index == first else index


def _pulls(
    classifier: Classifier,
    recipe: Recipe,
    features: Tensor,
    labels: Tensor,
    *,
    toward: int,
    against: int,
) -> Pulls | None:
    """The pulls of the training images; None for a head that is not linear."""
    head = classifier.head
    if head.settings.kind != "linear":
        return None
    weights = None
    if recipe.optimiser.class_weighting:
        weights = class_weights(labels, classes_count=len(classifier.classes))[labels].double()
    return pulls(
        features[:-1],
        labels,
        features[-1],
        weight=head.linear.weight.detach().cpu(),
        bias=head.linear.bias.detach().cpu(),
        image_weights=weights,
        toward=toward,
        against=against,
    )


IMPLEMENTATION = related_images

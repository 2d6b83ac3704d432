"""The state of a run with several label columns, as that of a run of one of them alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tlstudio.features.exact_features import ExactFeatures
from tlstudio.features.images import RunImage
from tlstudio.models.classifier import Classifier
from tlstudio.training.loop.trainable_model import TrainableModel
from tlstudio.training.state import TrainingState


def in_column(images: Iterable[RunImage], number: int) -> Iterator[RunImage]:
    """The images that have a label in a column, as images of that column alone.

    Args:
        images: Of a run with several columns.
        number: Of the column; 0 is the first one.
    """
    for image in images:
        label = (image.label, *image.further)[number]
        if label >= 0:
            yield replace(image, label=label, further=())


def of_column(state: TrainingState, number: int) -> TrainingState:
    """The state in which a run of one column alone would be, with the same backbone and features.

    What phases do in it is done to the head of that column. All columns but the first keep no checkpoints.

    Args:
        state: Of a run with several columns, after its features were extracted.
        number: Of the column; 0 is the first one.
    """
    column, extracted = state.classifier.columns[number], state.extracted
    classifier = Classifier(
        backbone=state.classifier.backbone,
        head=state.classifier.heads[number],
        classes=column.classes,
        preprocessing=state.classifier.preprocessing,
        column=column.name,
    )
    train = tuple(in_column(state.learned_activations().images, number))
    validation = tuple(in_column(state.validation, number))
    alone = replace(
        state,
        recipe=state.recipe.model_copy(update={"classes": column.classes}),
        classifier=classifier,
        train=train,
        validation=validation,
        inputs={},
        head_l2=state.column_l2[number] if state.column_l2 else None,
        column_l2=(),
    )
    if number:
        alone.last_checkpoint = alone.checkpoint = None
        alone.exact_features = ExactFeatures()
    alone.extracted = replace(
        extracted,
        model=TrainableModel(classifier, first_trainable=extracted.model.first_trainable),
        train=replace(extracted.train, images=train),
        validation=replace(extracted.validation, images=validation),
        inputs={},
    )
    return alone

"""The phase that computes all activations at the freeze line, once per image and view."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.core.control import Control
from tlstudio.core.events import Emit
from tlstudio.features.extractor import FeatureExtractor
from tlstudio.features.views import PLAIN, View, cached_views, split_views
from tlstudio.specs.recipe import Recipe
from tlstudio.training.loop.trainable_model import TrainableModel
from tlstudio.training.phases.phase import Phase, PhaseResult
from tlstudio.training.planning.cost_probe import CostProbe
from tlstudio.training.planning.costs import Cost
from tlstudio.training.state import Extracted, TrainingState


class ExtractFeatures(Phase):
    """Computes the activations at a freeze line and makes the stages above it trainable.

    What the cache holds already is not computed again.

    Args:
        first_trainable: First trainable stage; None for pooled features, when the head alone trains.
        views: Views of the training images that are computed now, the plain one first; of validation images
            the plain one is.
        background_views: Further views, which a later phase computes while it trains.
        input_views: Views of the further images that the strategy asks for, the plain one first.
    """

    stage = "features"
    learns = False

    def __init__(
        self,
        *,
        first_trainable: str | None,
        views: tuple[View, ...] = (PLAIN,),
        background_views: tuple[View, ...] = (),
        input_views: tuple[View, ...] = (PLAIN,),
    ) -> None:
        self._first_trainable = first_trainable
        self._views = views
        self._background_views = background_views
        self._input_views = input_views

    def run(self, state: TrainingState, *, emit: Emit, control: Control) -> PhaseResult:
        """See `Phase.run`; leaves `state.extracted`."""
        with state.features_time:
            extractor = FeatureExtractor(
                state.classifier.backbone,
                end=self._first_trainable,
                preprocessing=state.classifier.preprocessing,
                device=state.device,
                threads=state.threads,
                limit_bytes=state.cache_limit_bytes,
                runtime=state.runtime,
                weights=None if state.backbone_changed else state.recipe.backbone.weights_sha256,
                exact_features=state.exact_features,
            )
            train, validation, *further = extractor.collect(
                (state.train, self._views),
                (state.validation, (PLAIN,)),
                *((images, self._input_views) for images in state.inputs.values()),
                run_id=state.run_id,
                emit=emit,
                control=control,
            )
        model = TrainableModel(state.classifier, first_trainable=self._first_trainable).to(state.device)
        state.extracted = Extracted(
            model=model,
            train=train,
            validation=validation,
            background_views=self._background_views,
            inputs=dict(zip(state.inputs, further, strict=True)),
        )
        return PhaseResult()

    def cost(self, probe: CostProbe) -> Cost:
        """See `Phase.cost`."""
        if not probe.train_count:
            return Cost()
        return probe.features(
            self._first_trainable,
            self._views,
            background_views=self._background_views,
            input_views=len(self._input_views),
        )


def extract_for_epochs(
    recipe: Recipe,
    *,
    first_trainable: str | None,
    stage_names: Sequence[str],
    input_views: tuple[View, ...] | None = None,
) -> ExtractFeatures:
    """Make the phase for a training in epochs: with the random views that the recipe asks for.

    Args:
        recipe: Of the run.
        first_trainable: First trainable stage; the first one of all takes images, whose views are drawn anew
            in each epoch.
        stage_names: Stages of the backbone, in order.
        input_views: Views of the further images; None takes those that training images have at first.
    """
    takes_images = first_trainable == stage_names[0]
    views = (PLAIN,) if takes_images else cached_views(recipe.augmentation, seed=recipe.seed)
    initial_views, background_views = split_views(views)
    return ExtractFeatures(
        first_trainable=first_trainable,
        views=initial_views,
        background_views=background_views[: recipe.epochs - 1],
        input_views=initial_views if input_views is None else input_views,
    )

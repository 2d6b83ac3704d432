"""Numbers and sentences about the freeze line. Imports neither Qt nor torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tlstudio.core.freeze_words import readable
from tlstudio.core.wording import count
from tlstudio.gui.number_text import grouped
from tlstudio.gui.stage_text import count_words
from tlstudio.models.catalogue import CLIP, CLIP_PREFIX, BackboneInfo, StageInfo, catalog, is_clip
from tlstudio.specs import CHOOSE_FOR_ME, LINES_TRIED
from tlstudio.specs.freeze_line import top_stages_frozen

if TYPE_CHECKING:
    from tlstudio.specs.recipe import HeadSettings, OptimiserSettings

# From this many weights per image on, memorising becomes likely. Fine-tuning EfficientNet-Lite0 from
# its middle on a few hundred images is at about 15 000 and works well.
MANY_WEIGHTS_PER_IMAGE = 40_000

FEW_CLASSES = "Label images of at least two classes first, on the Data page."
FEW_NAMED = "Name at least two classes, or label images of two on the Data page."
STILL_READING = "The images are still being read."
EXPLAINED = "Explained with pictures…"
EXPLAINED_TIP = "What each way does, when it helps and what it needs, with a picture and a measured example"
AUTO = CHOOSE_FOR_ME.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A sentence about the freeze line; `worrying` when too many weights learn from too few images."""

    text: str
    worrying: bool


def frozen_count(freeze: str, names: Sequence[str]) -> int:
    """Count the stages that a recipe's `freeze` leaves frozen; an unknown stage counts as "Top stages".

    With "auto" these are the ones that stay frozen in any case.
    """
    if freeze == AUTO:
        return max(len(names) - LINES_TRIED, 0)
    if freeze == "head":
        return len(names)
    if freeze == "none":
        return 0
    return list(names).index(freeze) if freeze in names else top_stages_frozen(len(names))


def freeze_value(frozen: int, names: Sequence[str]) -> str:
    """The recipe's `freeze` for this many frozen stages."""
    if frozen >= len(names):
        return "head"
    return names[frozen] if frozen else "none"


def relative_rates(count: int, optimiser: OptimiserSettings) -> list[float]:
    """Learning rate of each stage, from the input upwards, relative to the head's."""
    top = optimiser.learning_rate_stages / optimiser.learning_rate_head
    return [top * optimiser.stage_decay ** (count - 1 - index) for index in range(count)]


def head_weights(head: HeadSettings, *, feature_size: int, classes: int) -> int:
    """Weights of the new head."""
    if head.kind == "linear":
        return (feature_size + 1) * classes
    return (feature_size + 1) * head.hidden_units + (head.hidden_units + 1) * classes


def head_words(head: HeadSettings, *, classes: int) -> str:
    """Describe the new head in a few words."""
    hidden = f"{head.hidden_units} hidden → " if head.kind == "hidden" else ""
    return f"New head → {hidden}{count(classes, 'class', plural='classes')}"


def advice_for_auto(names: Sequence[str]) -> Advice:
    """Describe what "Choose for me" will do with these stages."""
    lowest = readable(names[frozen_count(AUTO, names)])
    return Advice(
        text="First the head alone is trained, then more and more stages as well, from the top down to "
        f"{lowest}. Every try is tested on images that it did not learn from. More stages are used only when "
        "they give clearly more right answers, not just by luck. At the end it learns from the check images "
        "as well. You see every try on the Train page, and can stop at any time.",
        worrying=False,
    )


def advice(info: BackboneInfo, *, frozen: int, head: int, train_images: int) -> Advice:
    """Say what trains, what stays frozen, and whether the images are enough for it.

    Args:
        info: With its stages.
        frozen: Number of frozen stages.
        head: Weights of the head.
        train_images: Images to learn from.
    """
    stages = info.stages
    learning = sum(stage.parameters for stage in stages[frozen:]) + head
    total = info.parameters + head
    sum_words = f"Weights that train: {count_words(learning)} of {count_words(total)}."
    source = info.pretraining_name
    kept = f"what the backbone learned from {source}" if source else "what it learned before"
    if frozen == len(stages):
        text = (
            f"Only the new head learns, from {_images(train_images)}; {kept} stays as it is. Quick and safe."
        )
    elif frozen == 0:
        text = (
            f"Everything learns from {_images(train_images)}, down to edges and colours. That is "
            "worth it when "
            "your images look nothing like photos and you have thousands of them."
        )
    else:
        first = readable(stages[frozen].name)
        text = (
            f"The stages from {first} up adapt to {_images(train_images)}. Those below stay as they "
            f"are: {kept}."
        )
    per_image = learning // max(train_images, 1)
    worrying = frozen < len(stages) and per_image > MANY_WEIGHTS_PER_IMAGE
    if worrying:
        text = (
            f"{count_words(per_image)} weights learn for every image, so the images may be learned by heart "
            "(over-fitting). Freeze more stages, or add images."
        )
    return Advice(text=f"{text} {sum_words}", worrying=worrying)


def other_backbone(name: str, *, cut: dict[str, Any] | None) -> BackboneInfo:
    """Describe a backbone outside the catalogue.

    Args:
        name: timm's, or that of a CLIP backbone.
        cut: Result of the `stages` job; None while it is not known.
    """
    stages = tuple(StageInfo(**stage) for stage in cut["stages"]) if cut else ()
    is_own = is_clip(name)
    return BackboneInfo(
        id=name,
        title=f"CLIP {name.removeprefix(CLIP_PREFIX)}" if is_own else name,
        source=CLIP if is_own else "timm",
        timm_name=name,
        parameters=sum(stage.parameters for stage in stages),
        input_size=cut["input_size"] if cut else 0,
        feature_size=cut["feature_size"] if cut else 0,
        pretrained_on="pairs of images and texts" if is_own else "",
        licence="",
        download_bytes=0,
        stages=stages,
        summary="Compares images with words. Its weights are a file of yours: “Weights from a file…”."
        if is_own
        else "From the timm collection. Its weights are downloaded when they are not here yet.",
        tags=(),
        extra=None,
    )


def known_backbone(backbone_id: str) -> BackboneInfo | None:
    """The catalogue's entry, None for any other backbone."""
    return next((info for info in catalog() if info.id == backbone_id), None)


def _images(number: int) -> str:
    return count(number, "training image", digits=grouped)

"""The recipe: everything that determines a run; versioned and validated."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tlstudio.core.dataset import LayoutChoice
from tlstudio.core.errors import UserError
from tlstudio.core.text_files import parse_json, read_text
from tlstudio.core.types import Preprocessing
from tlstudio.core.values import ValueWindow
from tlstudio.specs import default_strategy
from tlstudio.specs.validation_words import refusal_words

SCHEMA_VERSION: Literal[3] = 3


def _from_version_1(values: dict[str, Any]) -> dict[str, Any]:
    """Fill in what version 1 did: folders are classes, images may lack a group, the best epoch is kept."""
    split = {"groups_partial": True, **(values.get("split") or {})}
    return {"layout": "top", "kept_epoch": "best", **values, "split": split, "schema_version": 2}


def _from_version_2(values: dict[str, Any]) -> dict[str, Any]:
    """Move `refit_head`, which is False where version 2 did not say, into the options of fine-tuning."""
    values = {**values, "schema_version": 3}
    refits = values.pop("refit_head", False)
    options = values.get("strategy_options", {})
    # The only strategy of version 2 that trained stages; others take no such option.
    if values.get("strategy") == "fine-tune" and isinstance(options, dict):
        values["strategy_options"] = {"refit_head": refits, **options}
    return values


FILLED_IN = ("classes", "data_sha256", "images_root", "inputs_sha256", "versions", "weights_sha256")
"""Parts of a recipe, and of its backbone, that a run fills in when it starts."""

# Each migration turns the values of a recipe of its key's version into those of the next version.
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _from_version_1, 2: _from_version_2}


class RecipeSection(BaseModel):
    """Base of the recipe's sections: immutable, unknown settings are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SplitSettings(RecipeSection):
    """Settings of the split. Fractions of the labelled images; both may be 0."""

    validation: float = Field(0.15, ge=0, lt=1)
    test: float = Field(0.15, ge=0, lt=1)
    groups: str | None = None
    """Column of labels.csv, or a regular expression on the path whose first group names the group."""
    groups_partial: bool = False
    """True allows images without a group; else a rule that leaves some out is refused."""


class BackboneSettings(RecipeSection):
    """Settings of the pretrained backbone and its weights."""

    id: str = "efficientnet_lite0"
    weights_file: str | None = None
    weights_sha256: str | None = None
    """Filled in when the run starts; a resumed run refuses other weights."""
    compared: bool = False
    """True if "auto" shall first compare this backbone with the others that are ready offline, and take the
    smallest of those that are about as good as the best; False once it is decided."""


class ValueSettings(RecipeSection):
    """Settings for showing a backbone images with more than 8 bits, or with channels of their own.

    Ordinary images are not touched by it.
    """

    window: Literal["data-set", "image", "full", "given"] = "data-set"
    """Values that become black and white: the same for all images, found from all of them; each image's own;
    all that the numbers can hold; or `low` and `high`."""
    low: float | None = None
    high: float | None = None
    channels: tuple[int, ...] = Field((), max_length=3)
    """Channels of a stack that are seen, counted from 1; none picks the first three."""
    found: tuple[ValueWindow, ...] | None = None
    """Filled in when the run starts: one window for each layout of its images. Runs of earlier versions have
    none and scale each image by itself."""

    @model_validator(mode="after")
    def _numbers_fit(self) -> Self:
        if self.window == "given" and (self.low is None or self.high is None or self.low >= self.high):
            raise ValueError("two numbers are needed, the value for black below the value for white")
        if any(channel < 1 for channel in self.channels):
            raise ValueError("channels are counted from 1")
        return self


class HeadSettings(RecipeSection):
    """The new last layer(s)."""

    kind: Literal["linear", "hidden"] = "linear"
    hidden_units: int = Field(256, ge=1, le=8192)
    activation: Literal["gelu", "softmax"] = "gelu"
    """Activation function of the hidden layer; units with "softmax" are probabilities of sum 1."""
    dropout: float = Field(0.2, ge=0, lt=1)


class AugmentationSettings(RecipeSection):
    """Settings of the augmentation of training images. Each is off at 0 or False."""

    flip_horizontal: bool = True
    flip_vertical: bool = False
    flip_changes_meaning: bool = False
    """True forbids all flips: left and right differ in what they mean (text, anatomy, arrows)."""
    crop: float = Field(0.0, ge=0, le=0.8)
    """Largest share of the area that is cut away at random."""
    rotation_degrees: float = Field(0.0, ge=0, le=45)
    colour: float = Field(0.0, ge=0, le=1)
    """Strength of random brightness, contrast and saturation."""

    @property
    def flips_horizontally(self) -> bool:
        """True if mirror images are used."""
        return self.flip_horizontal and not self.flip_changes_meaning

    @property
    def flips_vertically(self) -> bool:
        """True if upside-down images are used."""
        return self.flip_vertical and not self.flip_changes_meaning


class OptimiserSettings(RecipeSection):
    """AdamW with warm-up and cosine schedule; rates are low because 1e-3 was unstable on small sets."""

    learning_rate_stages: float = Field(3e-4, gt=0, le=1)
    learning_rate_head: float = Field(3e-3, gt=0, le=1)
    stage_decay: float = Field(0.8, gt=0, le=1)
    """Each stage further from the head learns at this factor of the one above it."""
    weight_decay: float = Field(0.05, ge=0, le=1)
    warmup_fraction: float = Field(0.2, ge=0, lt=1)
    label_smoothing: float = Field(0.1, ge=0, lt=1)
    class_weighting: bool = False
    batch_size: int = Field(32, ge=1, le=4096)
    averaging: float = Field(0.0, ge=0, le=1)
    """Share of all steps over which the kept weights are an average, the newest counting most; 0 keeps those
    after the last step of an epoch."""


class Recipe(RecipeSection):
    """All settings of a run. The same recipe on the same machine and thread count gives the same numbers."""

    schema_version: Literal[3] = SCHEMA_VERSION
    classes: tuple[str, ...] = ()
    """Filled in when the run starts, in the order of the outputs."""
    data_sha256: str | None = None
    """SHA-256 of the sorted content hashes and labels; filled in when the run starts."""
    images_root: str | None = None
    layout: LayoutChoice = "auto"
    """"auto" recognises divisions, places, wrappers and tables of labels; "top": each folder directly below
    the root is a class; "deepest": the folder that an image lies in."""
    label_column: str | None = None
    """Column of the table that gives the classes; None to find out."""
    split: SplitSettings = SplitSettings()
    backbone: BackboneSettings = BackboneSettings()
    strategy: str = Field(default_factory=lambda: default_strategy(trains_stages=False).id)
    strategy_options: dict[str, Any] = {}
    """Options of the strategy by name; one that is left out takes the default of the strategy's spec."""
    inputs: dict[str, str] = {}
    """Values of the strategy's inputs besides the labelled images, by the id of the declared input."""
    inputs_sha256: dict[str, str] = {}
    """SHA-256 of the content of each input that is a folder of images or a run, or the values of one that is
    a column; filled in when the run starts."""
    freeze: str = "head"
    """"head" trains the head alone, "none" everything, "auto" lets validation choose, else a stage's name."""
    fit: Literal["crop", "pad"] = "crop"
    values: ValueSettings = ValueSettings()
    head: HeadSettings = HeadSettings()
    augmentation: AugmentationSettings = AugmentationSettings()
    optimiser: OptimiserSettings = OptimiserSettings()
    epochs: int = Field(15, ge=1, le=10_000)
    patience: int = Field(0, ge=0)
    """Stop after this many epochs without a better one on validation; 0 never stops early."""
    kept_epoch: Literal["best", "last"] = "last"
    """Epoch that is the result where there are epochs: the last, or the best on validation. The best of many
    by a couple of dozen validation images is a draw among half-trained ones."""
    budget_seconds: float | None = Field(None, gt=0)
    """Time after which "auto" tries nothing more, and until which it also tries other settings of the best
    freeze line; None tries freeze lines only, however long that takes."""
    learns_from: Literal["train", "train+validation"] = "train"
    """Images that the classifier learns from. With the validation images too, those are predicted by
    classifiers of the same recipe that had no part of them, and what is reported for them is theirs."""
    seed: int = Field(0, ge=0, le=2**31 - 1)
    device: str = "auto"
    """"auto", "cpu", "cuda", "mps"."""
    threads: int | None = Field(None, ge=1)
    versions: dict[str, str] = {}
    """Filled in when the run starts."""

    def preprocessing(self, own: Preprocessing) -> Preprocessing:
        """A backbone's own preprocessing with what the recipe decides about it.

        Only a run that began before there were windows of values has none; one of ordinary images has no
        window for any layout.
        """
        is_earlier = bool(self.data_sha256) and self.values.found is None
        return replace(own, fit=self.fit, values=None if is_earlier else self.values.found or ())

    @model_validator(mode="before")
    @classmethod
    def _of_an_earlier_run(cls, values: Any) -> Any:
        # The recipe of a run that began before there were windows of values: it scaled each image by itself.
        if isinstance(values, dict) and values.get("data_sha256") and "values" not in values:
            return {**values, "values": {"window": "image"}}
        return values


def settings_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in a run's recipe, without what was filled in when the run started."""
    settings = {name: value for name, value in values.items() if name not in FILLED_IN}
    backbone = settings.get("backbone")
    if isinstance(backbone, Mapping):
        settings["backbone"] = {name: value for name, value in backbone.items() if name not in FILLED_IN}
    return settings


def parse_recipe(text: str, *, source: str = "the recipe") -> Recipe:
    """Read a recipe of this or an older version.

    Args:
        text: JSON; every setting left out takes its default.
        source: Named in error messages.

    Raises:
        UserError: Not JSON, of a newer version, or a value that is not allowed.
    """
    try:
        values = parse_json(text)
    except ValueError as error:
        place = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else str(error)
        raise UserError(
            f"{source} is not valid JSON ({place}).",
            mend="Mend that place, or start from the recipe.json of a finished run.",
        ) from error
    if not isinstance(values, dict):
        raise UserError(f"{source} is not a JSON object.", mend="Start from the recipe.json of a run.")
    return build_recipe(values, source=source)


def build_recipe(values: dict[str, Any], *, source: str = "the recipe") -> Recipe:
    """Validate plain values as a recipe; see `parse_recipe`."""
    version = values.get("schema_version", SCHEMA_VERSION)
    if not isinstance(version, int) or version > SCHEMA_VERSION:
        raise UserError(
            f"{source} was written by a newer tlstudio (recipe version {version!r}).",
            mend="Update tlstudio.",
        )
    while version < SCHEMA_VERSION and version in MIGRATIONS:
        values = MIGRATIONS[version](values)
        version += 1
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        place, words = refusal_words(error)
        raise UserError(
            f"{source}: {'.'.join(place) or 'recipe'}: {words}.",
            mend="Correct this setting, or leave it out.",
        ) from error


def read_recipe(path: Path) -> Recipe:
    """Read a recipe file.

    Raises:
        UserError: See `parse_recipe`; also when the file is not text.
    """
    try:
        text = read_text(path)
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not a text file.", mend="Give a recipe.json.") from error
    return parse_recipe(text, source=str(path))

"""Specs: what can be chosen, described apart from its implementation; the window reads them without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

ID_PATTERN = r"^[a-z0-9][a-z0-9.-]*$"


class NoOptions(BaseModel):
    """Options model of a spec without options."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NoArguments(BaseModel):
    """Arguments model of an operation without arguments."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Spec(BaseModel):
    """Describes one thing that can be chosen; the base of all specs.

    Attributes:
        id: Name on the command line, in recipes and in JSON.
        title: A few plain words for menus.
        summary: One or two sentences: what it does and when it is right.
        extra: The optional part of the installation that it needs, e.g. "openvino"; None when it needs none.
        position: Place in menus, low first; equal positions are ordered by id.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=ID_PATTERN)
    title: str
    summary: str = ""
    extra: str | None = None
    position: int = 100

    @property
    def module_name(self) -> str:
        """Name of the module that implements it: the id with underscores."""
        return self.id.replace("-", "_").replace(".", "_")


class WaySpec(Spec):
    """Describes how a classifier is trained, as a choice of the person: a strategy, or "Choose for me".

    Attributes:
        plain_title: One or two words without any technical term, for the choice that newcomers see; its title
            stands there without them.
        plain_summary: What it does, as plainly; without it, the first sentence of its summary.
    """

    plain_title: str = ""
    plain_summary: str = ""


class InputSpec(BaseModel):
    """Declares an input that a strategy needs besides the labelled images.

    Attributes:
        id: Key in a recipe's `inputs`.
        title: A few plain words for the form.
        help: One sentence: what it is for.
        kind: What the person gives: a folder of any files, a folder of images whose labels are not used, a
            finished run, a column of the labels, a text, classes with descriptions, one per line, or further
            label columns, with commas between their names.
        flag: Option of the command line, e.g. "--unlabelled".
        required: Whether the strategy can do nothing without it.
        else_unlabelled: Of images: whether those images of the data set that have no label are taken instead,
            when no folder is given.
        labelled: Of images: whether the folder that an image lies in is its class, as in the data set.
        elsewhere: Of images: whether they are meant to come from another place than the labelled ones.
        fewest: Of images: the least number that is of use, where any are given or required.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=ID_PATTERN)
    title: str
    help: str
    kind: Literal["folder", "images", "run", "column", "text", "classes", "columns"]
    flag: str = Field(pattern=r"^--[a-z][a-z-]*$")
    required: bool = True
    else_unlabelled: bool = False
    labelled: bool = False
    elsewhere: bool = False
    fewest: int = Field(1, ge=1)

    @property
    def must_be_given(self) -> bool:
        """True if it is required, and nothing can stand in for what the person gives."""
        return self.required and not self.else_unlabelled


MustBe = Literal["better", "not-worse"]
"""Condition for keeping a strategy's result: better than the plain start, or not worse, beyond chance."""


class StrategySpec(WaySpec):
    """Describes a way of transferring knowledge.

    Attributes:
        short: Two or three words for a run's headline, e.g. "fine-tuning".
        report: One sentence for the report: what was done.
        options: Model of its options; the form, `--set` and the report are drawn from its fields.
        inputs: What it needs besides the labelled images.
        trains_stages: Whether it changes stages of the backbone; without, only the head learns.
        needs_stages: Whether at least one stage must learn, so that a freeze line at the head moves down to
            the top stages.
        fits_any_line: Whether it is as well made for a freeze line at the head, where no stage learns.
        default: Whether it is taken when no strategy is named; one is among those that train stages, and one
            among the others.
        tried_automatically: Whether “choose for me” tries it.
        must_be: What it must be, compared with the linear probe on images that had no part in either; else
            the probe is returned. None where there is no such comparison.
        curve_axis: What a point of its curves is in runs whose events do not say so themselves.
        extra_packages: Packages that come with `extra`; without one of them it cannot be used.
        new_layer: Words for the new last layer alone, where no stage learns.
        head: One sentence for the report: what its head is, where it is not what the recipe says.
    """

    short: str
    report: str
    options: type[BaseModel] = NoOptions
    inputs: tuple[InputSpec, ...] = ()
    trains_stages: bool
    needs_stages: bool = False
    fits_any_line: bool = False
    default: bool = False
    tried_automatically: bool = False
    must_be: MustBe | None = None
    curve_axis: Literal["setting", "epoch"] = "epoch"
    extra_packages: tuple[str, ...] = ()
    new_layer: str = "Learns from your images: a new last layer"
    head: str = ""

    @property
    def has_rate_to_find(self) -> bool:
        """True if a learning rate can be looked for beforehand: stages learn, from labelled images alone."""
        return self.trains_stages and not self.inputs

    @property
    def columns_input(self) -> InputSpec | None:
        """The input that names further label columns; None of a strategy that learns one column."""
        return next((one for one in self.inputs if one.kind == "columns"), None)


EvidencePart = Literal[
    "dataset",
    "own_dataset",
    "backbone",
    "split",
    "data_facts",
    "data_features",
    "thumbnails",
    "features",
    "evaluation",
    "predictions",
    "history",
    "left_out",
    "strategy_comparison",
    "pretraining_comparison",
    "teacher_comparison",
    "label_scores",
    "learning_curve",
]
"""Parts of the evidence of a check: images with labels, those of a run and not of another folder, its
backbone, their division, facts found out before, features that
may be computed for data alone, small copies of them, features of a backbone, a
classifier's metrics, its predictions behind them, the epochs of its training, what an evaluation on another
folder leaves out, what the run compared its classifier with, how well its labels fit, and the accuracy with
fewer images."""

Occasion = Literal["training", "other-folder"]
"""Further occasion for a check of data: when a classifier is trained on the data, or is evaluated on them."""


class CheckSpec(Spec):
    """Describes a check.

    Attributes:
        subject: What it judges: the data, or a trained classifier.
        needs: Parts of the evidence without which it is not run.
        also_at: Of a check of data: further occasions at which it is run.
        limits_use: Whether a warning of it is a reservation about using the classifier, and what it finds
            serious forbids that, so that the verdict on top says it.
    """

    subject: Literal["data", "classifier"]
    needs: tuple[EvidencePart, ...]
    also_at: tuple[Occasion, ...] = ()
    limits_use: bool = False


class ExportSpec(Spec):
    """Describes an export format.

    Attributes:
        audience: Who can use it.
        suffix: File ending with its dot; empty for a folder.
        marker: File inside an exported folder by which it is recognised; empty for a single file.
        tolerance: Largest difference of any probability that still counts as the same predictions.
        default: Whether it is the one to offer first.
    """

    audience: str
    suffix: str
    marker: str = ""
    tolerance: float = Field(gt=0, lt=1)
    default: bool = False

    @model_validator(mode="after")
    def _has_suffix_or_marker(self) -> Self:
        if bool(self.suffix) == bool(self.marker):
            raise ValueError("a file has a suffix, a folder has a marker")
        return self

    def matches(self, path: Path) -> bool:
        """Return whether a path looks like an export of this format, by its suffix or the marker in it."""
        if self.suffix:
            return path.suffix.lower() == self.suffix and not path.is_dir()
        return (path / self.marker).is_file()


class ViewSpec(Spec):
    """Describes a figure of the report and the window."""


class RuntimeSpec(Spec):
    """Describes a runtime that can compute frozen stages.

    Attributes:
        reference: Whether it is the one that all others are compared with; exactly one is.
    """

    reference: bool = False


class OperationSpec(Spec):
    """Describes an operation: what the command line and the window's engine can run.

    Attributes:
        title: Shown while it runs, until its first stage says its own.
        arguments: Model of its arguments, plain values that pass through JSON.
        resumable: Whether it can be continued after it was cancelled.
    """

    arguments: type[BaseModel] = NoArguments
    resumable: bool = False

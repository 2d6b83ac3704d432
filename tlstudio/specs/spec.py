"""Specs: what can be chosen, described apart from its implementation; the window reads them without torch."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ID_PATTERN = r"^[a-z0-9][a-z0-9.-]*$"


class NoOptions(BaseModel):
    """The options of something that has none."""

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


class InputSpec(BaseModel):
    """Something that a strategy needs besides the labelled images.

    Attributes:
        id: Key in a recipe's `inputs`.
        title: A few plain words for the form.
        help: One sentence: what it is for.
        kind: What the person gives: a folder of images, a finished run, a column of the labels, or a text.
        flag: Option of the command line, e.g. "--unlabelled".
        required: Whether training cannot start without it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=ID_PATTERN)
    title: str
    help: str
    kind: Literal["folder", "run", "column", "text"]
    flag: str = Field(pattern=r"^--[a-z][a-z-]*$")
    required: bool = True


class StrategySpec(Spec):
    """Describes a way of transferring knowledge.

    Attributes:
        short: Two or three words for a run's headline, e.g. "fine-tuning".
        report: One sentence for the report: what was done.
        options: Model of its options; the form, `--set` and the report are drawn from its fields.
        inputs: What it needs besides the labelled images.
        trains_stages: Whether it changes stages of the backbone; without, only the head learns.
        curve_axis: What a point of its curves is in runs whose events do not say so themselves.
    """

    short: str
    report: str
    options: type[BaseModel] = NoOptions
    inputs: tuple[InputSpec, ...] = ()
    trains_stages: bool
    curve_axis: Literal["setting", "epoch"] = "epoch"


class CheckSpec(Spec):
    """Describes a check.

    Attributes:
        subject: What it looks at: the data, or a trained classifier.
    """

    subject: Literal["data", "classifier"]


class ExportSpec(Spec):
    """Describes an export format.

    Attributes:
        audience: Who can use it.
        suffix: File ending with its dot; empty for a folder.
        tolerance: Largest difference of any probability that still counts as the same predictions.
        default: Whether it is the one to offer first.
    """

    audience: str
    suffix: str
    tolerance: float = Field(gt=0, lt=1)
    default: bool = False


class ViewSpec(Spec):
    """Describes a figure of the report and the window."""


class RuntimeSpec(Spec):
    """Describes a runtime that can compute frozen stages."""

"""Spec of the strategy “several questions at once”."""

from __future__ import annotations

from tlstudio.specs.spec import InputSpec, StrategySpec

COLUMNS = InputSpec(
    id="columns",
    title="Further label columns",
    help="Columns of the table beside the images that are learned as well, such as the health of a plant "
    "besides its species. An image may have no entry in some of them.",
    kind="columns",
    flag="--columns",
)

SPEC = StrategySpec(
    id="multi-task",
    title="Several label columns",
    summary="One classifier answers several questions about each image, such as the species and its health: "
    "one backbone, and a last layer for each column of the table. Right when the questions are asked of the "
    "same images.",
    plain_title="Several answers",
    plain_summary="Learns several properties of each image at once, such as the species and its health.",
    short="several columns",
    report="Several label columns: one backbone with a head for each column, each learned from the images "
    "that have a label there.",
    inputs=(COLUMNS,),
    trains_stages=True,
    fits_any_line=True,
    must_be="not-worse",
    new_layer="Learns from your images: a new last layer for each column",
    position=58,
)

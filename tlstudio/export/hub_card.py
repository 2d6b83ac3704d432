"""The front matter of a model card in the format of Hugging Face's hub, so that its search finds the figures.

See https://huggingface.co/docs/hub/model-cards. The values are written as JSON, which YAML includes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tlstudio.core.percent import percent_range

LICENCES = frozenset(
    {
        *("apache-2.0", "mit", "bsd", "bsd-2-clause", "bsd-3-clause", "isc", "zlib", "unlicense", "cc0-1.0"),
        *("cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-nc-nd-4.0", "cc-by-nd-4.0"),
        *("gpl-3.0", "lgpl-3.0", "agpl-3.0", "mpl-2.0", "openrail"),
    }
)
"""Licences that the hub knows by these names."""
TASK = {"type": "image-classification", "name": "Image classification"}
METRICS = (("accuracy", "accuracy", "Accuracy"), ("f1", "macro_f1", "Macro F1"))
"""Of each metric its name on the hub, its key in a card, and its words."""


def front_matter(card: Mapping[str, Any]) -> str:
    """The block of YAML that a model card begins with.

    Args:
        card: From `build_card`.
    """
    values: dict[str, Any] = {
        **_licence(card["backbone"]["licence"]),
        "pipeline_tag": TASK["type"],
        "tags": [TASK["type"], "transfer-learning", "tlstudio"],
        "metrics": [name for name, _, _ in METRICS],
        "model-index": [{"name": card["name"], "results": list(_results(card))}],
    }
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join(["---", *lines, "---", ""])


def _licence(name: str) -> dict[str, str]:
    """The licence of the backbone's weights, which what is made from them comes under."""
    known = name.lower()
    return {"license": known} if known in LICENCES else {"license": "other", "license_name": name}


def _results(card: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    several = card.get("columns") or {"": {"figures": card["figures"]}}
    for column, part in several.items():
        for subset, figures in part["figures"].items():
            data = card["data"]["folder"] or "images"
            name = f"{data}, {subset} images" + (f", {column}" if column else "")
            yield {
                "task": TASK,
                "dataset": {"name": name, "type": data, "split": subset},
                "metrics": [
                    {"type": kind, "value": figures[key], "name": _words(words, key, figures)}
                    for kind, key, words in METRICS
                    if figures[key] is not None
                ],
            }


def _words(words: str, key: str, figures: Mapping[str, Any]) -> str:
    """The name of a metric with its n, and its interval where it has one."""
    interval = figures["interval"] if key == "accuracy" else None
    within = f", 95 % interval {percent_range(*interval, digits=1)} %" if interval else ""
    return f"{words}, n = {figures['n']}{within}"

"""The model card as Hugging Face's hub reads it."""

from __future__ import annotations

from typing import Any

import yaml

from tlstudio.export.card import build_card
from tlstudio.export.hub_card import front_matter
from tlstudio.models.classifier import Classifier
from tlstudio.project.runs import RunFolder


def read(card: dict[str, Any]) -> dict[str, Any]:
    before, block, after = front_matter(card).split("---\n")
    assert before == after == ""
    values = yaml.safe_load(block)
    assert isinstance(values, dict)
    return values


def test_it_is_yaml_with_the_figures_of_the_run(run: RunFolder, classifier: Classifier):
    card = build_card(run, classifier)
    values = read(card)
    assert values["pipeline_tag"] == "image-classification"
    (index,) = values["model-index"]
    tested = next(one for one in index["results"] if one["dataset"]["split"] == "test")
    accuracy, macro_f1 = tested["metrics"]
    assert (accuracy["type"], accuracy["value"]) == ("accuracy", card["figures"]["test"]["accuracy"])
    assert f"n = {card['figures']['test']['n']}, 95 % interval" in accuracy["name"]
    assert macro_f1["value"] == card["figures"]["test"]["macro_f1"]


def test_names_and_licences_of_any_kind_stay_yaml(run: RunFolder, classifier: Classifier):
    card = build_card(run, classifier)
    card["name"] = 'run: "7" # – 猫 🐈'
    card["backbone"]["licence"] = "My own: licence"
    values = read(card)
    assert values["model-index"][0]["name"] == card["name"]
    assert (values["license"], values["license_name"]) == ("other", "My own: licence")
    assert read({**card, "backbone": {"licence": "Apache-2.0"}})["license"] == "apache-2.0"


def test_each_label_column_has_its_results(run: RunFolder, classifier: Classifier):
    card = build_card(run, classifier)
    part = {"classes": ["a", "b"], "figures": {"test": {**card["figures"]["test"], "macro_f1": None}}}
    values = read({**card, "columns": {"species": part, "sex": part}})
    results = values["model-index"][0]["results"]
    assert [one["dataset"]["name"].rsplit(", ")[-1] for one in results] == ["species", "sex"]
    assert [len(one["metrics"]) for one in results] == [1, 1]


def test_without_figures_there_are_no_results(run: RunFolder, classifier: Classifier):
    assert read({**build_card(run, classifier), "figures": {}})["model-index"][0]["results"] == []

import json

import numpy as np
import pytest

from tlstudio import __version__
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.errors import UserError
from tlstudio.core.files import write_json
from tlstudio.core.limits import MODEL_LIMITS
from tlstudio.core.percent import percent
from tlstudio.evaluation.asking import Answered, AskingRule, AskingRules, ClassRule, write_rules
from tlstudio.evaluation.metrics import metrics_of_confusion
from tlstudio.export.card import build_card, card_markdown
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import HeadSettings


def test_the_card_says_what_the_model_was_made_from(run: RunFolder, classifier: Classifier) -> None:
    card = build_card(run, classifier)
    assert json.loads(json.dumps(card)) == card
    assert card["classes"] == list(classifier.classes)
    assert card["backbone"]["id"] == "test_efficientnet"
    assert card["backbone"]["licence"]
    assert card["backbone"]["own_weights"] is False
    assert card["made_with"] == f"tlstudio {__version__}"
    images, training = card["data"]["images"], card["data"]["training_images"]
    assert sum(images.values()) == 42
    assert sum(training.values()) == images["train"]
    metrics = run.read_json(run.metrics)
    assert card["figures"]["test"]["accuracy"] == metrics["test"]["accuracy"]
    assert card["figures"]["test"]["n"] == images["test"]
    assert card["limits"] == list(MODEL_LIMITS)
    # The folder's name helps to recognise the images; where it lies is nobody's business.
    assert "/" not in card["data"]["folder"]


def test_training_images_are_omitted_where_labels_are_not_folders(
    run: RunFolder, classifier: Classifier
) -> None:
    text = run.split.read_text(encoding="utf-8").replace("bolts/", "unsorted/")
    run.split.write_text(text, encoding="utf-8")
    assert build_card(run, classifier)["data"]["training_images"] == {}


def test_an_unfinished_run_has_no_card(run: RunFolder, classifier: Classifier) -> None:
    run.metrics.unlink()
    with pytest.raises(UserError, match=r"metrics\.json"):
        build_card(run, classifier)


def test_the_card_as_markdown(run: RunFolder, classifier: Classifier) -> None:
    card = build_card(run, classifier)
    text = card_markdown(card)
    low, high = card["figures"]["test"]["interval"]
    assert (
        f"{percent(card['figures']['test']['accuracy'], digits=1)} of {card['figures']['test']['n']} images"
        in text
    )
    assert f"95 % interval {percent(low, digits=1)} to {percent(high, digits=1)}" in text
    assert text.count("a little too good") == 1
    assert "had not seen these images" not in text
    assert "had not seen these images" in card_markdown({**card, "learns_from": "train+validation"})
    assert "forced into one of them" in text
    for name in classifier.classes:
        assert f"- {name} ({card['data']['training_images'][name]} training images)" in text


def test_a_card_without_metrics_says_so(run: RunFolder, classifier: Classifier) -> None:
    card = {**build_card(run, classifier), "figures": {}}
    assert "Not measured" in card_markdown(card)


def test_the_card_of_several_label_columns_has_the_classes_and_figures_of_each(
    run: RunFolder, classifier: Classifier
) -> None:
    head = build_head(HeadSettings(), feature_size=classifier.backbone.feature_size, classes_count=2)
    health = LabelColumn(name="health", classes=("ill", "well"))
    both = Classifier(
        backbone=classifier.backbone,
        head=classifier.head,
        classes=classifier.classes,
        column="species",
        further=[(health, head)],
    )
    assert "columns" not in build_card(run, classifier)
    values = run.read_json(run.metrics)
    for name in ("validation", "test"):
        figures = values[name]
        of_health = metrics_of_confusion(np.array([[1, 3], [0, 0]]), classes=health.classes).as_stored_json()
        values[name] = {**figures, "columns": {"species": figures, "health": of_health}}
    write_json(run.metrics, values)
    card = build_card(run, both)
    assert card["columns"]["health"]["classes"] == ["ill", "well"]
    assert card["columns"]["species"]["figures"]["test"] == card["figures"]["test"]
    text = card_markdown(card)
    assert "classes of “species”, and likewise for “health”." in text
    assert "- **test, health**: 25.0 % of 4 images" in text
    assert "## Classes of health" in text


def test_the_card_says_below_what_probability_a_person_is_to_be_asked(
    run: RunFolder, classifier: Classifier
) -> None:
    run.asking.unlink(missing_ok=True)
    assert "asking" not in build_card(run, classifier)
    found = Answered(n=30, answered=20, right=19)
    write_rules(run, AskingRules(columns={"label": AskingRule(threshold=0.4, wish=0.9, found=found)}))
    card = build_card(run, classifier)
    assert json.loads(json.dumps(card)) == card
    rule = card["asking"]["label"]
    assert (rule["threshold"], rule["answered"]) == (0.4, 20)
    assert rule["test"]["n"] == card["figures"]["test"]["n"]
    text = card_markdown(card)
    assert "## When unsure, ask a person" in text
    assert "Less than 40.0 % sure: a person is asked." in text
    assert f"of {rule['test']['n']} test images" in text
    own = {classifier.classes[0]: ClassRule(threshold=0.3, found=found)}
    rule = AskingRule(threshold=0.4, wish=0.9, found=found, classes=own)
    write_rules(run, AskingRules(columns={"label": rule}))
    card = build_card(run, classifier)
    assert card["asking"]["label"]["classes"][classifier.classes[0]]["threshold"] == 0.3
    words = f"below 30.0 % for {classifier.classes[0]} and 40.0 % for any other class."
    assert words in card_markdown(card)


def test_verdict_and_findings_of_the_run_are_in_the_card(run: RunFolder, classifier: Classifier) -> None:
    values = run.read_json(run.metrics)
    found = {"check": "x", "severity": "warning", "message": "Look at it.", "mend": "Do.", "paths": ["a.jpg"]}
    values["test"]["findings"] = [{**found, "severity": "ok", "message": "Fine."}, found]
    write_json(run.metrics, values)
    card = build_card(run, classifier)
    assert card["findings"] == [{"check": "x", "severity": "warning", "message": "Look at it. Do."}]
    text = card_markdown(card)
    assert "## To keep in mind\n\n- Look at it. Do.\n" in text
    assert card["verdict"] in text
    assert "a.jpg" not in json.dumps(card)


def test_the_card_says_whether_and_how_well_odd_images_are_found(
    run: RunFolder, classifier: Classifier
) -> None:
    card = build_card(run, classifier)
    assert "unknown" not in card
    assert "names a class all the same" in card_markdown(card)
    card["unknown"] = {"method": "both", "images": 240, "left_out": 6, "auroc": 0.8}
    text = card_markdown(card)
    assert "made from 240 training images" in text
    assert "left out in turn, 6 times" in text
    assert "80 % of all pairs" in text
    card["unknown"] |= {"left_out": 0, "auroc": None}
    assert "could not be tried" in card_markdown(card)

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from tlstudio.gui.widgets.lists.backbone_card import BackboneCard
from tlstudio.models.catalogue import Availability, BackboneInfo

INFO = BackboneInfo(
    id="resnet_test",
    title="ResNet test",
    source="timm",
    timm_name="resnet_test",
    parameters=11_700_000,
    input_size=224,
    feature_size=512,
    pretrained_on="ImageNet-1k (1.3 million photos)",
    licence="Apache-2.0",
    download_bytes=46_800_000,
    stages=(),
    summary="A plain one.",
    tags=(),
    extra=None,
)
ON_THE_HUB = Availability(state="download", detail="Fetched once.")
HERE = Availability(state="embedded", detail="Comes with tlstudio.")


@pytest.fixture
def show(qtbot):
    """Shows a card."""

    def make(state: Availability | None, info: BackboneInfo = INFO) -> BackboneCard:
        card = BackboneCard(info, state)
        qtbot.addWidget(card)
        card.resize(320, 200)
        card.show()
        return card

    return make


def test_facts_are_shown_and_in_the_accessible_text(show):
    card = show(HERE)
    assert "ImageNet-1k · 224 px" in card.facts.text()
    assert card.accessibleName() == f"ResNet test, {card.facts.text()}, ready offline"
    assert card.accessibleDescription() == "A plain one."


@pytest.mark.parametrize(
    ("state", "chip", "ready"),
    [
        (HERE, "ready offline", True),
        (Availability(state="cached", detail="Here."), "ready offline", True),
        (ON_THE_HUB, "download 47 MB", False),
        (Availability(state="needs-extra", detail="pip install it"), "extra package", False),
        (None, "timm", False),
    ],
)
def test_the_chip_shows_whether_the_weights_are_present(show, state, chip, ready):
    card = show(state)
    assert card.chip.text() == chip
    assert card.ready is ready


def test_only_the_chosen_card_offers_its_download(show, qtbot):
    card = show(ON_THE_HUB)
    assert not card.download.isVisible()
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    assert card.isChecked()
    with qtbot.waitSignal(card.download_requested) as wanted:
        qtbot.mouseClick(card.download, Qt.MouseButton.LeftButton)
    assert wanted.args == ["resnet_test"]
    card.set_state(HERE)
    assert not card.download.isVisible()


def test_a_download_shows_its_progress_and_can_be_cancelled(show, qtbot):
    card = show(ON_THE_HUB)
    card.setChecked(True)
    card.show_progress(0.25)
    assert card.bar.value() == card.bar.maximum() / 4
    assert not card.download.isVisible()
    with qtbot.waitSignal(card.cancel_requested):
        qtbot.mouseClick(card.cancel, Qt.MouseButton.LeftButton)
    card.show_progress(None)
    assert not card.bar.isVisible()
    assert card.download.isVisible()


def test_a_missing_extra_is_explained_when_chosen(show):
    card = show(Availability(state="needs-extra", detail='pip install "tlstudio[backbones]"'))
    assert not card.detail.isVisible()
    card.setChecked(True)
    assert card.detail.isVisible()
    assert card.detail.text() == 'pip install "tlstudio[backbones]"'


def test_a_narrow_card_grows_higher(show):
    card = show(HERE)
    assert card.heightForWidth(150) > card.heightForWidth(500)


def test_the_chosen_card_looks_chosen(show):
    card = show(HERE)
    before = card.grab().toImage()
    card.setChecked(True)
    assert card.grab().toImage() != before


@pytest.mark.parametrize(
    ("licence", "kind", "words"),
    [("GPL-3.0", "warn", "with conditions"), ("CC-BY-NC-4.0", "bad", "restricted use")],
)
def test_a_licence_with_conditions_is_seen_before_the_choice(show, licence, kind, words):
    card = show(HERE, replace(INFO, licence=licence))
    assert card.licence.isVisible()
    assert card.licence.property("kind") == kind
    assert words in card.licence.text()


def test_a_free_licence_needs_no_warning(show):
    card = show(HERE)
    assert not card.licence.isVisible()

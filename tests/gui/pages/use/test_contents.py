"""The summary of a folder names its odd images before all classes."""

from __future__ import annotations

from tlstudio.gui.pages.use.contents import prediction_findings


def test_the_odd_images_of_a_folder_are_named_before_the_classes():
    def row(name: str, unknown: float | None) -> dict:
        return {"path": f"/photos/{name}", "class": "bees", "unknown": unknown, "error": None}

    rows = [row("a.jpg", 0.2), row("b.jpg", 0.6), row("c.jpg", 0.95)]
    first, second = prediction_findings(rows, has_table=True)
    assert first.severity == "warning"
    assert first.message.startswith("2 images are not like what it was taught: c.jpg, b.jpg.")
    assert "“unknown”" in first.message
    assert second.message == "3 images classified: 3 bees"
    assert "table" not in prediction_findings(rows[:2], has_table=False)[0].message
    assert len(prediction_findings([row("a.jpg", None)], has_table=True)) == 1

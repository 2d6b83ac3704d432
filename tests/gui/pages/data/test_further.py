"""The line about further label columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from tlstudio.gui.pages.data.further import FurtherLine


def test_columns_that_could_be_learned_are_named_with_their_images(opened, qtbot):
    root = Path(opened.project.images_root)
    rows = [f"{image.path},{['ill', 'well', ''][n % 3]},{n}" for n, image in enumerate(opened.images())]
    (root / "table.csv").write_text("\n".join(["image,health,number", *rows]), encoding="utf-8")
    line = FurtherLine(opened)
    qtbot.addWidget(line)
    qtbot.waitUntil(line.isVisible)
    third = len(rows) // 3
    assert line.text() == f"The table also has health (ill {third}, well {third})"
    assert "“Several label columns”" in line.toolTip().replace("\n", " ")


def test_of_many_columns_the_first_are_named(opened, qtbot):
    root = Path(opened.project.images_root)
    rows = [
        ",".join([image.path, *("xy"[n >> bit & 1] for bit in range(4))])
        for n, image in enumerate(opened.images())
    ]
    (root / "table.csv").write_text("\n".join(["image,a,b,c,d", *rows]), encoding="utf-8")
    line = FurtherLine(opened)
    qtbot.addWidget(line)
    qtbot.waitUntil(line.isVisible)
    assert line.text().startswith("The table also has a (")
    assert line.text().endswith(") and 1 more")


@pytest.mark.usefixtures("opened")
def test_without_a_table_nothing_is_said(opened, qtbot):
    line = FurtherLine(opened)
    qtbot.addWidget(line)
    with qtbot.waitSignal(opened.background.done, check_params_cb=lambda key, _: key == "after it"):
        opened.background.submit("after it", int)
    qtbot.wait(1)
    assert not line.isVisible()

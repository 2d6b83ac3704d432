import io
import subprocess
import sys

import pytest
from PIL import Image

from tlstudio.report.draw import draw_view


def test_png_has_the_requested_size() -> None:
    data = draw_view("loss-curve", {"epochs": []}, width=210, height=90, scale=2.0)
    assert Image.open(io.BytesIO(data)).size == (420, 180)


def test_dark_and_light_differ() -> None:
    light, dark = (
        Image.open(io.BytesIO(draw_view("confusion", {}, width=50, height=50, dark=dark))).convert("RGB")
        for dark in (False, True)
    )
    assert light.getpixel((0, 0)) == (255, 255, 255)
    assert dark.getpixel((0, 0)) == (0x1C, 0x20, 0x27)


def test_svg_is_reproducible() -> None:
    first, second = (draw_view("reliability", {}, width=200, height=100, kind="svg") for _ in range(2))
    assert b"<svg" in first
    assert b"dc:date" not in first
    assert len(first) == len(second)


def test_unknown_views_are_refused() -> None:
    with pytest.raises(KeyError, match="loss-curve"):
        draw_view("pie", {}, width=100, height=100)


def test_views_need_neither_torch_nor_pyplot() -> None:
    code = (
        "import sys; from tlstudio.report.draw import draw_view;"
        "draw_view('per-class', {}, width=100, height=100);"
        "print([name for name in ('torch', 'matplotlib.pyplot', 'PySide6') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_class_names_of_any_script_are_drawn_without_warnings() -> None:
    values = {"classes": ["日本 🦋", "b"], "confusion": [[1, 0], [0, 1]]}
    assert draw_view("confusion", values, width=200, height=200)

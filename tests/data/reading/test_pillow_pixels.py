"""Strips give the same pixels as a whole image, with little memory."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tlstudio.data import pixels as pixels_module
from tlstudio.data.formats.pillow import rgb_of
from tlstudio.data.reading import pillow_pixels

NOISE = np.random.default_rng(0).integers(0, 256, (37, 23, 4), dtype=np.uint8)


def transparent_palette() -> Image.Image:
    image = Image.fromarray(NOISE[:, :, :3]).quantize(16)
    image.info["transparency"] = bytes([0, 90, 255, 40])
    return image


IMAGES = {
    **{mode: Image.fromarray(NOISE).convert(mode) for mode in ("RGB", "RGBA", "L", "LA", "P", "1", "CMYK")},
    "transparent palette": transparent_palette(),
    "I;16": Image.fromarray(NOISE[:, :, 0].astype(np.uint16) * 257),
    "I": Image.fromarray(NOISE[:, :, 0].astype(np.int32) * -70000),
    "F": Image.fromarray(NOISE[:, :, 0].astype(np.float32) - 7),
}


@pytest.mark.parametrize("name", list(IMAGES))
@pytest.mark.parametrize("size", [1, 100, 23 * 5])
def test_strips_give_the_pixels_of_the_whole(name, size, monkeypatch):
    whole, notes = rgb_of(IMAGES[name].copy())
    for module in (pixels_module, pillow_pixels):
        monkeypatch.setattr(module, "STRIP_VALUES", size)
    stripped, same_notes = rgb_of(IMAGES[name].copy())
    np.testing.assert_array_equal(stripped, whole)
    assert notes == same_notes
    assert stripped.flags.writeable
    assert stripped.flags.c_contiguous


def test_opaque_and_fully_transparent_strips_equal_the_general_way(monkeypatch):
    values = NOISE.copy()
    values[:12, :, 3], values[12:24, :, 3] = 255, 0
    image = Image.fromarray(values)
    alpha = values[:, :, 3:].astype(int)
    expected = (values[:, :, :3] * alpha + 255 * (255 - alpha) + 127) // 255
    monkeypatch.setattr(pillow_pixels, "STRIP_VALUES", 23 * 12)
    np.testing.assert_array_equal(rgb_of(image)[0], expected)


MEASURE = """
import json, resource, sys
from pathlib import Path
from PIL import Image
from tlstudio.data.decode import check_file, decode_rgb
small = Path(sys.argv[1], "small"); out = {}
for name, mode, kind in (("a", "RGBA", "PNG"), ("b", "I;16", "PNG"), ("c", "LA", "PNG"), ("d", "F", "TIFF")):
    file = Path(sys.argv[1], name); Image.new(mode, (9, 9)).save(file, kind)
    decode_rgb(file); Image.new(mode, (4000, 4000)).save(file, kind)
for name in "bdca":
    file = Path(sys.argv[1], name)
    before = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    Path("/proc/self/clear_refs").write_text("5")
    decode_rgb(file)
    peak = next(int(line.split()[1]) * 1024 for line in Path("/proc/self/status").open() if "VmHWM" in line)
    out[name] = (peak - before - file.stat().st_size) / 4000**2
print(json.dumps(out))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak of memory from /proc")
def test_a_large_image_takes_at_most_eight_bytes_a_pixel_above_the_decoded_picture(tmp_path):
    # The bytes of the file itself, which are read first, come on top.
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path)], capture_output=True, text=True, check=True
    )
    taken = json.loads(done.stdout)
    assert len(taken) == 4
    assert max(taken.values()) <= 3 + 8, taken

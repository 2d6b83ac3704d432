"""The first window within half a second of the start of its process."""

import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import first_window


def test_first_window_is_up_within_half_a_second():
    seconds = first_window.measure(times=5, platform="offscreen")
    print(f"\nfirst window, offscreen: median {statistics.median(seconds):.2f} s")
    assert statistics.median(seconds) <= 0.5

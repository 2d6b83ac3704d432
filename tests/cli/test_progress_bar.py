"""The progress bar: whole lines in a file, a moving bar on a terminal."""

import errno
import io
import os
from dataclasses import replace

from tlstudio.cli.progress_bar import ProgressBar
from tlstudio.core.events import BatchEnded, StageProgress, StageStarted, TrialEnded, WarningRaised


class Terminal(io.StringIO):
    def isatty(self):
        return True


def feed(bar: ProgressBar) -> None:
    bar(StageStarted(run_id="r", stage="scan", title="Reading your images", total=4))
    for done in range(1, 5):
        bar(StageProgress(run_id="r", stage="scan", done=done, total=4, seconds_left=1.0))
    bar(WarningRaised(run_id="r", code="c", message="Look out."))
    bar(BatchEnded(run_id="r", epoch=2, epochs=2, step=1, steps=1, train_loss=1.0, images_per_second=2.0))
    bar.close()


def test_a_file_gets_only_whole_lines():
    stream = io.StringIO()
    feed(ProgressBar(stream))
    assert stream.getvalue().splitlines() == ["Reading your images (4)", "Note: Look out."]


def test_a_terminal_gets_a_moving_bar_that_ends_with_a_line_break():
    stream = Terminal()
    feed(ProgressBar(stream))
    text = stream.getvalue()
    assert "4/4" in text
    assert "1 s left" in text
    assert "2/2" in text
    assert text.endswith("\n")


def test_a_warning_lists_each_image_with_its_reason():
    stream = io.StringIO()
    bar = ProgressBar(stream)
    bar(WarningRaised(run_id="r", code="c", message="2 lost.", paths=("a", "b"), reasons=("Torn.", "Empty.")))
    bar(WarningRaised(run_id="r", code="c", message="1 new.", paths=("d",)))
    wanted = ["Note: 2 lost.", "    a: Torn.", "    b: Empty.", "Note: 1 new.", "    d"]
    assert stream.getvalue().splitlines() == wanted


def test_the_tries_of_a_choice_are_one_bar_and_say_what_they_gained():
    def choose(stream: io.StringIO) -> str:
        bar = ProgressBar(stream)
        trial = TrialEnded(
            run_id="r",
            freeze="head",
            accuracy=0.843,
            interval=(0.79, 0.88),
            n=240,
            elapsed_seconds=1,
            best=True,
        )
        bar(StageStarted(run_id="r", stage="choice", title="Try 2 of 4: from blocks 6 up"))
        bar(StageProgress(run_id="r", stage="choice", done=37, total=100, seconds_left=95.0))
        bar(trial)
        bar(replace(trial, freeze="blocks.6", accuracy=0.855, best=False, difference=0.012, noise=0.039))
        bar.close()
        return stream.getvalue()

    assert choose(io.StringIO()).splitlines() == [
        "Try 2 of 4: from blocks 6 up",
        "only the head: 84.3 % of 240 (79–88)  best so far",
        "from blocks 6 up: 85.5 % of 240 (79–88), +1.2 ± 3.9 points: not clearly more",
    ]
    assert "37/100, 95 s left" in choose(Terminal())


def test_a_full_log_file_does_not_end_the_work(tmp_path):
    class Full(io.TextIOWrapper):
        tries = 0

        def flush(self):
            self.tries += 1
            raise OSError(errno.ENOSPC, "No space left on device")

    with (tmp_path / "log").open("wb") as file:
        stream = Full(file)
        feed(ProgressBar(stream))
        assert stream.tries > 1
        os.write(file.fileno(), b"nowhere")
        stream.detach  # noqa: B018 - closing it would flush it
    assert (tmp_path / "log").read_bytes() == b""

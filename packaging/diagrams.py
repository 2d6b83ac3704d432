"""Draws the pictures of docs/transfer: one for each way of transferring knowledge, all in one style.

Run from the repository: `PYTHONPATH=. python packaging/diagrams.py`. What stays as it is is ice blue, what
learns is orange and stands out by its height, as in the window. A picture is a light card, so that it is read
on a dark page too.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from diagram_canvas import BALL, TENT, Canvas, around

from tlstudio.core.colours import LIGHT

OUT = Path(__file__).resolve().parent.parent / "docs" / "transfer" / "pictures"


def labelled(canvas: Canvas, x: float, y: float, *, title: str = "your images, with labels") -> None:
    """Four labelled images, two of each class, below a title."""
    canvas.say(x + 39, y - 14, title, small=True, bold=True)
    for row, kind in enumerate(("ball", "tent")):
        for column in range(2):
            canvas.photo(x + 44 * column, y + 56 * row, kind, label=kind)


def linear_probe(canvas: Canvas) -> None:
    """Frozen stages, and a head that learns the line between the classes."""
    labelled(canvas, 50, 70)
    canvas.arrow((145, 118), (177, 118))
    canvas.say(248, 52, "backbone", small=True, bold=True)
    canvas.backbone(187, 118, head="none")
    canvas.arrow((316, 118), (352, 118))
    canvas.plane(364, 60, 170, 120, "what the backbone sees")
    canvas.cloud(around(405, 95, count=9, spread=(26, 24), seed=1), "ball")
    canvas.cloud(around(490, 145, count=9, spread=(28, 24), seed=2), "tent")
    canvas.line([(412, 176), (482, 66)])
    canvas.arrow((543, 118), (577, 118))
    canvas.box(590, 72, 22, 92, line=LIGHT.fire, fill=LIGHT.fire_soft)
    canvas.say(601, 54, "head", small=True, bold=True)
    canvas.mark(634, 100, "ball", size=5)
    canvas.mark(634, 136, "tent", size=5)
    canvas.say(646, 100, "ball", small=True, centred=False)
    canvas.say(646, 136, "tent", small=True, centred=False)
    canvas.say(450, 202, "the head learns this line", small=True, colour=LIGHT.fire)
    canvas.legend()


def prototypes(canvas: Canvas) -> None:
    """Few images, the middle of each class, and a new image that lies nearer to one."""
    canvas.say(89, 40, "one to twenty images\nof each class", small=True, bold=True)
    for row, kind in enumerate(("ball", "tent")):
        for column in range(2):
            canvas.photo(50 + 44 * column, 64 + 56 * row, kind, label=kind)
    canvas.photo(72, 182, "ball", colour=LIGHT.muted)
    canvas.say(140, 199, "a new one", small=True)
    canvas.arrow((150, 118), (182, 118))
    canvas.say(253, 52, "backbone", small=True, bold=True)
    canvas.backbone(192, 118, head="none")
    canvas.arrow((322, 118), (358, 118))
    canvas.plane(370, 50, 316, 168, "what the backbone sees")
    for x, y, kind in ((428, 84, "ball"), (462, 128, "ball"), (604, 120, "tent"), (640, 180, "tent")):
        canvas.mark(x, y, kind, size=5, hollow=True)
    canvas.line([(428, 84), (462, 128)], colour=BALL, thick=0.9)
    canvas.line([(604, 120), (640, 180)], colour=TENT, thick=0.9)
    canvas.mark(445, 106, "ball", size=9)
    canvas.mark(622, 150, "tent", size=9)
    canvas.say(448, 64, "typical ball", small=True, colour=BALL)
    canvas.say(622, 100, "typical tent", small=True, colour=TENT)
    canvas.mark(505, 168, "ball", size=6, colour=LIGHT.muted)
    canvas.line([(500, 162), (453, 115)], colour=LIGHT.text, thick=1.4)
    canvas.line([(512, 167), (609, 152)], colour=LIGHT.muted, thick=1.2, dashed=True)
    canvas.say(498, 196, "nearer to the typical ball: a ball", small=True)
    canvas.legend(learns="", more="the typical images are calculated, in seconds")


def zero_shot(canvas: Canvas) -> None:
    """What the backbone takes an image for, and which class's words mean nearly that."""
    canvas.say(62, 62, "an image,\nno label", small=True, bold=True)
    canvas.photo(42, 84, "tent", side=42)
    canvas.arrow((93, 105), (117, 105))
    canvas.say(185, 40, "backbone with the last layer\nit was made with", small=True, bold=True)
    canvas.backbone(126, 105, head="kept", w=118, h=88)
    canvas.arrow((253, 105), (277, 105))
    canvas.say(365, 48, "1000 everyday things", small=True, bold=True)
    for row, (name, share) in enumerate((("mountain tent", 0.62), ("yurt", 0.25), ("tennis ball", 0.02))):
        y = 78 + 27 * row
        canvas.box(288, y - 9, 154, 20, line=LIGHT.line, fill=LIGHT.bg)
        canvas.box(290, y - 7, max(150 * share, 4), 16, line=LIGHT.ice_soft, fill=LIGHT.ice_soft, corner=2)
        canvas.say(296, y + 1, name, small=True, centred=False)
        canvas.say(424, y + 1, f"{100 * share:.0f} %", small=True)
    canvas.say(365, 156, "…", small=True)
    canvas.say(620, 40, "your words", small=True, bold=True)
    for y, kind, words in ((72, "tent", "tent: a shelter of cloth"), (128, "ball", "ball: a round toy")):
        canvas.box(536, y - 14, 168, 28, line=LIGHT.accent, fill=LIGHT.accent_soft)
        canvas.mark(552, y, kind, size=5)
        canvas.say(564, y, words, small=True, centred=False)
    canvas.line([(446, 78), (532, 72)], colour=LIGHT.accent, thick=3)
    canvas.line([(446, 105), (532, 75)], colour=LIGHT.accent, thick=1.8)
    canvas.line([(446, 132), (532, 129)], colour=LIGHT.muted, thick=0.8, dashed=True)
    canvas.say(489, 186, "how near in meaning: a small language network tells", small=True,
               colour=LIGHT.accent)  # fmt: skip
    canvas.arrow((489, 176), (489, 140), colour=LIGHT.accent)
    canvas.say(620, 216, "so the image is a tent", small=True, bold=True)
    canvas.legend(learns="", kept="stays as it is; nothing learns from your images")


def fine_tune(canvas: Canvas) -> None:
    """Stages above the freeze line learn together with the head."""
    labelled(canvas, 50, 70)
    canvas.arrow((145, 118), (177, 118))
    canvas.backbone(187, 118, total=7, learning=3, w=260, h=112)
    canvas.line([(314, 40), (314, 194)], colour=LIGHT.text, thick=1.3, dashed=True)
    canvas.say(314, 206, "freeze line", small=True, bold=True)
    canvas.say(247, 42, "sees edges, colours,\ntextures", small=True, colour=LIGHT.ice)
    canvas.say(386, 42, "sees what is special\nabout your images", small=True, colour=LIGHT.fire)
    canvas.say(434, 190, "head", small=True, bold=True)
    canvas.arrow((457, 118), (484, 118))
    canvas.plane(496, 60, 200, 120, "what the backbone sees")
    canvas.cloud(around(548, 96, count=7, spread=(30, 26), seed=5), "ball", hollow=True)
    canvas.cloud(around(585, 132, count=7, spread=(30, 26), seed=6), "tent", hollow=True)
    canvas.cloud(around(522, 88, count=5, spread=(12, 14), seed=7), "ball")
    canvas.cloud(around(664, 148, count=5, spread=(14, 14), seed=8), "tent")
    canvas.say(596, 206, "classes move apart", small=True, colour=LIGHT.fire)
    canvas.legend(more="hollow: before   filled: after")


def adapt(canvas: Canvas) -> None:
    """Two places that differ; each is brought to the same level and spread, then one line suits both."""
    canvas.say(89, 27, "from here, with labels", small=True, bold=True)
    canvas.photo(50, 42, "ball", label="ball")
    canvas.photo(94, 42, "tent", label="tent")
    canvas.say(89, 134, "from there, no labels", small=True, bold=True)
    for column, kind in enumerate(("ball", "tent", "tent")):
        canvas.photo(28 + 44 * column, 150, kind, elsewhere=True)
    canvas.arrow((148, 66), (182, 104))
    canvas.arrow((164, 164), (182, 130))
    canvas.say(243, 52, "backbone", small=True, bold=True)
    canvas.backbone(191, 117, head="none", w=104)
    canvas.arrow((302, 117), (326, 117))
    for left, title, shift in ((336, "before", (44, 34)), (536, "after", (0, 0))):
        canvas.plane(left, 52, 158, 140, title)
        canvas.cloud(around(left + 32, 90, count=6, spread=(18, 20), seed=1), "ball")
        canvas.cloud(around(left + 82, 134, count=6, spread=(18, 20), seed=3), "tent")
        for kind, x, y, seed in (("ball", 36, 88, 4), ("tent", 86, 130, 9)):
            places = around(left + x + shift[0], y + shift[1], count=6, spread=(17, 19), seed=seed)
            canvas.cloud(places, kind, hollow=True)
        canvas.line([(left + 26, 152), (left + 90, 72)])
    canvas.arrow((499, 117), (529, 117))
    canvas.say(515, 213, "each place measured by its own level and spread;\nthen the line suits both",
               small=True, colour=LIGHT.fire)  # fmt: skip
    canvas.legend(
        learns="the head learns the line",
        kept="stays as it is",
        more="filled: from here   hollow: from there",
    )


def pretrain(canvas: Canvas) -> None:
    """First changed copies of images without a label, then the few labels."""
    canvas.say(24, 24, "1  many images without a label", small=True, bold=True, centred=False)
    canvas.photo(30, 66, "tent")
    canvas.arrow((70, 76), (94, 58))
    canvas.arrow((70, 90), (94, 108))
    canvas.photo(100, 40, "tent", colour="#69b37b", side=32)
    canvas.photo(100, 92, "tent", colour="#14521f", side=32)
    canvas.say(98, 142, "two changed copies", small=True)
    canvas.arrow((140, 56), (166, 74))
    canvas.arrow((140, 108), (166, 92))
    canvas.backbone(174, 83, learning=2, head="none", w=104, h=76)
    canvas.arrow((286, 83), (308, 83))
    canvas.say(246, 150, "top stages learn to see\nthat they show the same", small=True, colour=LIGHT.fire)
    canvas.line([(382, 20), (382, 164)], colour=LIGHT.line, thick=1.2)
    canvas.mark(322, 68, "tent", size=6, colour="#69b37b")
    canvas.mark(346, 98, "tent", size=6, colour="#14521f")
    canvas.arrow((328, 75), (334, 82), colour=LIGHT.fire)
    canvas.arrow((341, 92), (336, 85), colour=LIGHT.fire)
    canvas.say(402, 24, "2  a few images with a label", small=True, bold=True, centred=False)
    canvas.photo(408, 38, "ball", label="ball")
    canvas.photo(408, 94, "tent", label="tent")
    canvas.arrow((450, 83), (476, 83))
    canvas.backbone(486, 83, head="learns", w=122, h=76)
    canvas.say(560, 142, "the stages as step 1 left them;\nthe head learns", small=True, colour=LIGHT.fire)
    canvas.arrow((616, 83), (640, 83))
    canvas.mark(656, 70, "ball", size=5)
    canvas.mark(656, 97, "tent", size=5)
    canvas.say(667, 70, "ball", small=True, centred=False)
    canvas.say(667, 97, "tent", small=True, centred=False)
    canvas.box(150, 176, 420, 46, line=LIGHT.muted, fill=LIGHT.bg)
    canvas.say(360, 199, "Clearly better on the labelled images than the backbone as it was?\n"
               "If not, the backbone as it was is used.", small=True)  # fmt: skip
    canvas.legend(learns="learns")


def disentangle(canvas: Canvas) -> None:
    """The direction in which images differ with the camera is taken out."""
    canvas.say(87, 27, "your images, and\nwhich camera took each", small=True, bold=True)
    for row, (kind, dark) in enumerate((("ball", False), ("tent", True))):
        for column in range(3):
            odd = column == 2
            canvas.photo(30 + 40 * column, 52 + 66 * row, kind, elsewhere=dark != odd, side=32)
            canvas.say(46 + 40 * column, 94 + 66 * row, "B" if dark != odd else "A", small=True)
    canvas.say(87, 190, "balls mostly by camera A,\ntents mostly by camera B", small=True,
               colour=LIGHT.muted)  # fmt: skip
    canvas.arrow((158, 108), (182, 108))
    canvas.say(238, 52, "backbone", small=True, bold=True)
    canvas.backbone(190, 108, head="none", w=96)
    canvas.arrow((293, 108), (315, 108))
    canvas.plane(326, 44, 174, 142, "before")
    groups = (("ball", 366, 152, 7, 1, False), ("ball", 366, 84, 2, 2, True),
              ("tent", 420, 84, 7, 3, True), ("tent", 432, 152, 2, 4, False))  # fmt: skip
    for kind, x, y, count, seed, hollow in groups:
        canvas.cloud(around(x, y, count=count, spread=(18, 18), seed=seed), kind, hollow=hollow)
    canvas.line([(336, 76), (462, 170)])
    canvas.arrow((478, 170), (478, 62), colour=LIGHT.text)
    canvas.say(487, 118, "B\n\n\n\nA", small=True)
    canvas.arrow((505, 115), (531, 115))
    canvas.plane(540, 44, 156, 142, "camera direction taken out")
    for kind, x, count, seed, hollow in (("ball", 585, 7, 1, False), ("ball", 585, 2, 2, True),
                                         ("tent", 650, 7, 3, True), ("tent", 650, 2, 4, False)):  # fmt: skip
        canvas.cloud(around(x, 115, count=count, spread=(20, 5), seed=seed), kind, hollow=hollow)
    canvas.line([(617, 66), (617, 170)])
    canvas.say(413, 207, "the line follows the camera", small=True)
    canvas.say(618, 207, "the line follows the class", small=True, colour=LIGHT.fire)
    canvas.legend(learns="the head learns the line", more="filled: camera A   hollow: camera B")


def multi_task(canvas: Canvas) -> None:
    """Two columns of labels, one backbone, and a head for each column."""
    canvas.say(110, 30, "your images, with\ntwo columns of labels", small=True, bold=True)
    for x, column in ((118, "what"), (172, "when")):
        canvas.say(x, 62, column, small=True, colour=LIGHT.muted)
    rows = (("ball", False, "ball", "day"), ("ball", True, "ball", "night"), ("tent", False, "tent", "?"))
    for row, (kind, dark, what, when) in enumerate(rows):
        canvas.photo(40, 74 + 44 * row, kind, elsewhere=dark, side=34)
        canvas.say(118, 91 + 44 * row, what, small=True)
        canvas.say(172, 91 + 44 * row, when, small=True, colour=LIGHT.muted if when == "?" else LIGHT.text)
    canvas.arrow((202, 134), (236, 134))
    canvas.say(306, 68, "one backbone", small=True, bold=True)
    canvas.backbone(246, 134, head="none")
    for y, column, answers in ((84, "what", ("ball", "tent")), (184, "when", ("day", "night"))):
        canvas.arrow((376, 134), (436, y))
        canvas.box(448, y - 30, 22, 60, line=LIGHT.fire, fill=LIGHT.fire_soft)
        canvas.say(462, y - 43, f"head for “{column}”", small=True, bold=True)
        for row, answer in enumerate(answers):
            canvas.say(484, y - 14 + 28 * row, answer, small=True, centred=False)
    canvas.box(566, 62, 130, 140, line=LIGHT.accent, fill=LIGHT.accent_soft)
    canvas.say(631, 82, "a new image", small=True, bold=True)
    canvas.photo(611, 96, "tent", elsewhere=True, side=40)
    canvas.say(631, 166, "what: tent\nwhen: night", small=True)
    canvas.legend(learns="learns: the heads, and stages above the freeze line")


def distil(canvas: Canvas) -> None:
    """A large finished classifier answers for images, and a small one learns its answers."""
    canvas.say(92, 27, "images without a label", small=True, bold=True)
    for column, kind in enumerate(("ball", "tent", "ball")):
        canvas.photo(30 + 44 * column, 42, kind, colour=LIGHT.muted)
    canvas.say(92, 118, "your images, with labels", small=True, bold=True)
    canvas.photo(50, 134, "ball", label="ball")
    canvas.photo(96, 134, "tent", label="tent")
    canvas.arrow((164, 62), (196, 66))
    canvas.arrow((164, 138), (196, 92))
    canvas.say(294, 24, "teacher: large, finished", small=True, bold=True)
    canvas.backbone(204, 78, total=8, head="kept", w=180, h=98)
    canvas.arrow((392, 78), (424, 78))
    canvas.say(518, 24, "its answers", small=True, bold=True)
    for row, (ball, tent) in enumerate(((92, 8), (3, 97), (64, 36))):
        y = 50 + 28 * row
        canvas.box(436, y - 10, 164, 22, line=LIGHT.line, fill=LIGHT.bg)
        for x, kind, share in ((450, "ball", ball), (530, "tent", tent)):
            canvas.mark(x, y + 1, kind, size=4.5)
            canvas.say(x + 10, y + 1, f"{share} %", small=True, centred=False)
    canvas.say(657, 108, "hesitates:\nworth learning", small=True, colour=LIGHT.muted)
    canvas.arrow((480, 124), (414, 150), colour=LIGHT.fire)
    canvas.arrow((150, 168), (276, 180))
    canvas.say(202, 195, "all images, and the labels", small=True, colour=LIGHT.muted)
    canvas.say(350, 140, "student: small", small=True, bold=True)
    canvas.backbone(286, 184, total=4, w=128, h=66)
    canvas.arrow((422, 184), (452, 184))
    canvas.say(460, 184, "learns labels and answers;\nsmaller and quicker to use", small=True, centred=False,
               colour=LIGHT.fire)  # fmt: skip
    canvas.legend(learns="learns")


PICTURES: dict[str, Callable[[Canvas], None]] = {
    draw.__name__.replace("_", "-"): draw
    for draw in (
        linear_probe,
        prototypes,
        zero_shot,
        fine_tune,
        adapt,
        pretrain,
        multi_task,
        disentangle,
        distil,
    )
}
"""Functions that draw the picture of each strategy, by the strategy's id."""


def main() -> None:
    """Draw all pictures."""
    parser = argparse.ArgumentParser(description="Draws the pictures of docs/transfer.")
    parser.add_argument("--out", type=Path, default=OUT)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        canvas = Canvas()
        draw(canvas)
        canvas.save(out / f"{name}.png")


if __name__ == "__main__":
    main()

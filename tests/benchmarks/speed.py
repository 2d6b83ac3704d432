"""The speed of tlstudio against the tutorial's loop and the physical limit; the table of `make bench`.

Usage: python -m tests.benchmarks.speed [--out build/bench.json] [--photos 300] [--rounds 3] [--only GROUP,…]

Groups: head, large, last-stage, step, second-run, predict, window. Every part runs in a process of its own;
parts that are compared run one after another within each round, so that what slows the machine slows all.
The tutorial's whole time is its measured epoch times their number: epochs cost the same. Photos carry a
comment of their own in every round, so nothing is ever found in a cache that should be cold.
Peers, memory at 60 000 images and the first window have commands of their own (peers, memory, first_window).
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from tests.benchmarks import photos
from tests.benchmarks.measuring import Row, apart, machine, ratio, table, told, write
from tlstudio.core.events import ignore
from tlstudio.data.scan import scan_folder
from tlstudio.data.splits import make_split
from tlstudio.models.catalogue import backbone_info
from tlstudio.models.timm_models import build_model

BACKBONE = "efficientnet_lite0"
VALIDATION = 0.15
HEAD_RECIPE = {"split": {"validation": VALIDATION, "test": 0}}
WARM_PHOTOS_PER_CLASS = 4
LAST_STAGES = {"efficientnet_lite0": ("conv_head", 12), "resnet18": ("layer4", 4)}
LAST_STAGES["vit_small_patch16_224"] = ("blocks.11", 2)
"""Last stage with weights to speak of, and how many times the tutorial's speed is wanted."""
TUTORIAL_TRAINS = {"vit_small_patch16_224": ["blocks.11", "norm"]}


class Bench:
    """Photos, rounds and a place for files, which all groups share.

    Args:
        place: An empty folder.
        count: Photos of ordinary size at least.
        rounds: How often each figure is measured.
    """

    def __init__(self, place: Path, *, count: int, rounds: int) -> None:
        self.place = place
        self.rounds = rounds
        self.ordinary = photos.ordinary(at_least=count)
        self.details: dict[str, Any] = {}
        self._number = 0

    def fresh(self, source: photos.Photos | None = None, *, at_most: int | None = None) -> Path:
        """A folder of photos that no cache knows."""
        self._number += 1
        out = self.place / f"photos-{self._number}"
        return photos.stamped(
            source or self.ordinary, out, mark=f"{time.time_ns()}-{self._number}", at_most=at_most
        )

    def run_folder(self) -> str:
        """A run folder that is not there yet."""
        self._number += 1
        return str(self.place / f"run-{self._number}")

    def warm(self, recipe: dict[str, Any]) -> dict[str, Any]:
        """Arguments of `ours.warm_up` for a process that has trained with such a recipe before."""
        self._number += 1
        return {
            "folder": str(self.fresh(at_most=WARM_PHOTOS_PER_CLASS)),
            "place": str(self.place / f"warm-{self._number}"),
            "recipe": recipe,
        }

    def apart(self, module: str, **arguments: Any) -> Any:
        """See `measuring.apart`; all processes share one cache, as on a person's machine."""
        return apart(module, home=self.place / "home", **arguments)

    def tutorial_folder(self) -> Path:
        """`train` and `val` of the ordinary photos, split as tlstudio does."""
        out = self.place / "tutorial"
        if not out.exists():
            report = scan_folder(self.ordinary.folder, emit=ignore)
            split = make_split(report.images, validation=VALIDATION, test=0.0, seed=0)
            for path, side in split.assignment.items():
                link = out / {"train": "train", "validation": "val"}[side] / path
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(self.ordinary.folder / path)
        return out

    def weights(self, backbone: str) -> str | None:
        """None where weights come with the package, else a file of random ones: the speed is the same."""
        if backbone_info(backbone).source == "embedded":
            return None
        file = self.place / f"{backbone}.safetensors"
        if not file.exists():
            save_file(build_model(backbone_info(backbone).timm_name).state_dict(), file)
        return str(file)


def head(bench: Bench) -> list[Row]:
    """Drop → trained head with validation metrics, against the limit and the tutorial."""
    ours, whole, limits, epoch, built, checked = [], [], [], [], [], []
    for number in range(bench.rounds):
        with told(f"round {number + 1}: the limit"):
            limit = bench.apart("limit", folder=str(bench.fresh()), backbone=BACKBONE, weights=None)
            limits.append(limit["decode_seconds"] + limit["forward_seconds"])
        for recipe, seconds in ((HEAD_RECIPE, ours), ({}, whole)):
            with told(f"round {number + 1}: drop → trained head"):
                answer = bench.apart(
                    "ours",
                    task="drop_to_head",
                    warm=bench.warm(recipe),
                    folder=str(bench.fresh()),
                    run=bench.run_folder(),
                    recipe=recipe,
                )
                seconds.append(answer["seconds"])
                if seconds is whole:
                    checked.append(answer["whole_seconds"])
                if number == 0 and seconds is ours:
                    bench.details["first run ever, 24 photos, s"] = answer["first_run_seconds"]
        with told(f"round {number + 1}: an epoch of the tutorial"):
            tutorial = bench.apart(
                "tutorial",
                task="epochs",
                folder=str(bench.tutorial_folder()),
                backbone=BACKBONE,
                weights=None,
                trainable=[],
                count=1,
            )
            epoch += tutorial["epoch_seconds"]
            built.append(tutorial["build_seconds"])
    count = bench.ordinary.count
    bench.details["limit"] = limit
    twenty, five = ([b + n * e for b, e in zip(built, epoch, strict=True)] for n in (20, 5))
    per_image = [seconds / count * 1000 for seconds in limits]
    return [
        ratio("drop → head with validation metrics / limit", ours, limits, at_most=1.2),
        ratio("tutorial, 20 epochs / drop → head", twenty, ours, at_least=50),
        ratio("tutorial, 5 epochs / drop → head", five, ours, at_least=12),
        Row(name=f"drop → head, {count} photos, validation 15 %", each=tuple(ours), unit="s"),
        Row(
            name=f"drop → head, {count} photos, default recipe with test figures", each=tuple(whole), unit="s"
        ),
        Row(name="the same with the checks on the classifier", each=tuple(checked), unit="s"),
        Row(name="one epoch of the tutorial, frozen backbone", each=tuple(epoch), unit="s"),
        Row(
            name="limit: decode once and one forward pass, per image",
            each=tuple(per_image),
            unit="ms",
            note=f"{limit['runtime']}; decoding {limit['decode_seconds'] / count * 1000:.2f} ms by "
            f"{limit['decoder']}, forward {limit['forward_seconds'] / count * 1000:.2f} ms",
        ),
    ]


def large(bench: Bench) -> list[Row]:
    """Photos of 12 megapixels: the first training, and one that needs other activations of them."""
    source = photos.large()
    first, limits, again = [], [], []
    for number in range(bench.rounds):
        with told(f"round {number + 1}: {source.count} photos of 12 megapixels"):
            limit = bench.apart("limit", folder=str(bench.fresh(source)), backbone=BACKBONE, weights=None)
            limits.append(limit["decode_seconds"] + limit["forward_seconds"])
            folder = str(bench.fresh(source))
            other = {"strategy": "fine-tune", "freeze": "conv_head", "epochs": 1} | HEAD_RECIPE
            other["augmentation"] = {"flip_horizontal": False}
            for recipe in (HEAD_RECIPE, other):
                answer = bench.apart(
                    "ours",
                    task="drop_to_head",
                    warm=bench.warm(recipe),
                    folder=folder,
                    run=bench.run_folder(),
                    recipe=recipe,
                )
                if recipe is HEAD_RECIPE:
                    first.append(answer["seconds"])
            again.append(answer["result"]["seconds"]["features"] / source.count * 1000)
    per_image = [seconds / source.count * 1000 for seconds in limits]
    return [
        ratio("12 megapixels: drop → head / limit", first, limits),
        Row(name="12 megapixels: limit per image", each=tuple(per_image), unit="ms"),
        Row(
            name="12 megapixels: features at another freeze line, per image",
            each=tuple(again),
            unit="ms",
            note="the same photos later; far below the limit when they are not decoded again",
        ),
    ]


def last_stage(bench: Bench) -> list[Row]:
    """One epoch with only the last stage free, from the cache, against the tutorial's with the same free."""
    rows = []
    for backbone, (stage, wanted) in LAST_STAGES.items():
        weights = bench.weights(backbone)
        recipe = HEAD_RECIPE | {
            "strategy": "fine-tune",
            "freeze": stage,
            "epochs": bench.rounds + 1,
            "backbone": {"id": backbone, "weights_file": weights},
        }
        with told(f"{backbone}: epochs from {stage} up"):
            answer = bench.apart(
                "ours",
                task="epochs",
                warm=bench.warm(recipe | {"epochs": 1}),
                folder=str(bench.fresh()),
                run=bench.run_folder(),
                recipe=recipe,
            )
        with told(f"{backbone}: epochs of the tutorial"):
            tutorial = bench.apart(
                "tutorial",
                task="epochs",
                folder=str(bench.tutorial_folder()),
                backbone=backbone,
                weights=weights,
                trainable=TUTORIAL_TRAINS.get(backbone, [stage]),
                count=bench.rounds,
            )["epoch_seconds"]
        mine = answer["epoch_seconds"]
        name = f"tutorial / epoch with the last stage free, {backbone}"
        note = f"{statistics.median(tutorial):.2f} s / {statistics.median(mine):.3f} s"
        rows.append(ratio(name, tutorial, mine, at_least=wanted, note=note))
    return rows


def step(bench: Bench) -> list[Row]:
    """An optimiser step with nothing frozen, batches of 32."""
    ours, tutorial = [], []
    recipe = HEAD_RECIPE | {"strategy": "fine-tune", "freeze": "none", "epochs": 2}
    folder = str(bench.fresh())  # the inputs are cached by the first round; steps start after that anyway
    for number in range(bench.rounds):
        with told(f"round {number + 1}: full fine-tuning"):
            arguments = {"folder": folder, "run": bench.run_folder(), "recipe": recipe, "count": 5}
            ours.append(statistics.median(bench.apart("ours", task="steps", **arguments)["step_seconds"]))
            arguments = {"backbone": BACKBONE, "weights": None, "count": 5}
            seconds = bench.apart("tutorial", task="steps", **arguments)["step_seconds"]
            tutorial.append(statistics.median(seconds))
    note = f"{statistics.median(tutorial):.2f} s / {statistics.median(ours):.2f} s, ours with reading"
    return [ratio("tutorial / full fine-tuning step, batch of 32", tutorial, ours, at_least=1.7, note=note)]


def second_run(bench: Bench) -> list[Row]:
    """The same images again with another option or head, engine up."""
    recipes = [
        HEAD_RECIPE,
        HEAD_RECIPE | {"optimiser": {"class_weighting": True}},
        HEAD_RECIPE | {"head": {"kind": "hidden"}},
    ]
    found = []
    for number in range(bench.rounds):
        with told(f"round {number + 1}: second run on the same images"):
            place = bench.place / f"second-{number}"
            answer = bench.apart(
                "ours", task="second_run", folder=str(bench.fresh()), place=str(place), recipes=recipes
            )
            found.append(answer["first_epoch_seconds"])
    option, hidden = zip(*found, strict=True)
    return [
        Row(name="second run, another option: to the end of epoch 1", each=option, unit="s", at_most=1.0),
        Row(name="second run, a hidden layer: to the end of epoch 1", each=hidden, unit="s", at_most=1.0),
    ]


def predict(bench: Bench) -> list[Row]:
    """Prediction over many files."""
    few = bench.ordinary.count
    speeds, growths = [], []
    for number in range(bench.rounds):
        with told(f"round {number + 1}: predict over {few} and {few * 3} files"):
            answer = bench.apart(
                "ours",
                task="predict",
                folder=str(bench.ordinary.folder),
                run=bench.run_folder(),
                few=few,
                many=few * 3,
            )
            speeds.append(answer["images_per_second"])
            growths.append(answer["growth_mb"])
    return [
        Row(name="predict over a folder", each=tuple(speeds), unit="images/s"),
        Row(
            name=f"predict: memory from {few} to {few * 3} images", each=tuple(growths), unit="MB", at_most=30
        ),
    ]


def window(bench: Bench) -> list[Row]:
    """The window's event loop while the engine trains."""
    recipe = HEAD_RECIPE | {"strategy": "fine-tune", "freeze": "conv_head", "epochs": 200}
    found = []
    for number in range(bench.rounds):
        with told(f"round {number + 1}: the window while training"):
            arguments = {"folder": str(bench.fresh()), "recipe": recipe, "seconds": 20.0}
            found.append(bench.apart("events_delay", **arguments))
    bench.details["window"] = found
    during = ", ".join(answer["worst_during"] or "start" for answer in found)
    return [
        Row(
            name="window while training: 99th percentile of the delay",
            each=tuple(answer["p99_ms"] for answer in found),
            unit="ms",
            at_most=20,
        ),
        Row(
            name="window while training: worst delay",
            each=tuple(answer["worst_ms"] for answer in found),
            unit="ms",
            at_most=100,
            note=f"worst during: {during}",
        ),
        Row(
            name="window while training: the window's own longest work",
            each=tuple(answer["own_worst_ms"] for answer in found),
            unit="ms",
            at_most=100,
        ),
    ]


GROUPS: dict[str, Callable[[Bench], list[Row]]] = {
    "head": head,
    "large": large,
    "last-stage": last_stage,
    "step": step,
    "second-run": second_run,
    "predict": predict,
    "window": window,
}


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("build/bench.json"))
    parser.add_argument("--photos", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default=",".join(GROUPS))
    asked = parser.parse_args()
    rows: list[Row] = []
    started = time.monotonic()
    before = machine()
    with tempfile.TemporaryDirectory(prefix="tlstudio-bench-") as place:
        bench = Bench(Path(place), count=asked.photos, rounds=asked.rounds)
        for name in asked.only.split(","):
            print(name, file=sys.stderr)
            rows += GROUPS[name](bench)
            write(asked.out, rows, photos=bench.ordinary.origin, details=bench.details)
    print(f"{before['processor']}, {before['cores']} cores, load {before['load_average']:.1f} at the start")
    print(f"{bench.ordinary.count} photos of about 500 × 375: {bench.ordinary.origin}")
    print(table(rows))
    print(f"{time.monotonic() - started:.0f} s; all figures: {asked.out}")


if __name__ == "__main__":
    main()

"""tlstudio against fastai: `vision_learner(…).fine_tune(5)` with the same weights and the same splits.

Usage: python -m tests.benchmarks.peers [--sets trash6,clothes] [--seeds 0,1,2] [--out build/peers.json]

fastai is no dependency of the project. Where it cannot be imported this says so and ends well; to have it
without touching the environment:
    pip install --target FOLDER --no-deps fastai fastcore fasttransform "fastprogress<1.1" fastdownload \
        "plum-dispatch<2.10" beartype cloudpickle pandas requests ipython
    PYTHONPATH=FOLDER python -m tests.benchmarks.peers
Both sides run end to end in a process that has imported its library: from the folder to the figures of the
test images. fastai: EfficientNet-Lite0 from timm with the weights of the package, images normalised by the
weights' own mean and deviation, `Resize(224)`, `aug_transforms()`, batches of 32, two loader workers, its
default rates. tlstudio: the default recipe, with nothing of these images cached.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.benchmarks import photos
from tests.benchmarks.measuring import Row, answer, apart, ratio, table, told, write
from tlstudio.evaluation.intervals import wilson
from tlstudio.specs.recipe import SplitSettings

EPOCHS = 5
BATCH_SIZE = 32
BACKBONE = "efficientnet_lite0"


def by_fastai(*, folder: str, seed: int) -> dict[str, Any]:
    """Seconds and right answers on the test images of one `fine_tune`."""
    from fastai.vision.all import (
        CategoryBlock,
        DataBlock,
        ImageBlock,
        IndexSplitter,
        Resize,
        aug_transforms,
        set_seed,
        vision_learner,
    )

    from tlstudio.data.scan import scan_folder
    from tlstudio.data.splits import make_split
    from tlstudio.models.catalogue import backbone_info, package_weights
    from tlstudio.models.timm_models import build_model
    from tlstudio.models.weights import read_weights_file

    info = backbone_info(BACKBONE)
    report = scan_folder(Path(folder))
    fractions = SplitSettings()
    split = make_split(report.images, validation=fractions.validation, test=fractions.test, seed=seed)
    label = {record.path: record.label() for record in report.images}
    sides = {name: split.paths(name) for name in ("train", "validation", "test")}
    weights_file = package_weights(info)
    assert weights_file is not None
    # The package lists timm's tensors in timm's order under other names.
    tensors = [t for name, t in read_weights_file(weights_file).items() if not name.startswith("_fc.")]
    weights = dict(zip(build_model(info.timm_name).state_dict(), tensors, strict=True))

    set_seed(seed, reproducible=True)
    started = time.perf_counter()
    listed = sides["train"] + sides["validation"]
    block = DataBlock(
        blocks=(ImageBlock, CategoryBlock),
        get_items=lambda _: listed,
        get_x=lambda path: Path(folder) / path,
        get_y=lambda path: label[path],
        splitter=IndexSplitter(range(len(sides["train"]), len(listed))),
        item_tfms=Resize(info.input_size),
        batch_tfms=aug_transforms(),
    )
    loaders = block.dataloaders(folder, bs=BATCH_SIZE, num_workers=2)
    learner = vision_learner(
        loaders,
        info.timm_name,
        pretrained=True,
        pretrained_cfg_overlay={"state_dict": weights, "hf_hub_id": None},
    )
    with learner.no_bar(), learner.no_logging():
        learner.fine_tune(EPOCHS)
        scores, truth = learner.get_preds(dl=loaders.test_dl(sides["test"], with_labels=True))
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "right": int((scores.argmax(dim=1) == truth).sum()), "n": len(truth)}


def by_tlstudio(*, folder: str, warm: dict[str, Any], run: str, seed: int) -> dict[str, Any]:
    """The same of one operation `train`."""
    from tests.benchmarks.ours import drop_to_head

    done = drop_to_head(warm=warm, folder=folder, run=run, recipe={"seed": seed})
    test = done["result"]["test"]
    return {"seconds": done["seconds"], "right": round(test["accuracy"] * test["n"]), "n": test["n"]}


def compare(folder: Path, *, name: str, seeds: list[int], place: Path) -> list[Row]:
    """The rows of one set."""
    figures: dict[str, list[dict[str, Any]]] = {"tlstudio": [], "fastai": []}
    source = photos.Photos(folder=folder, count=0, origin=name)
    for seed in seeds:
        with told(f"{name}, seed {seed}: tlstudio, then fastai"):
            fresh, warm = place / f"{name}-{seed}", place / f"{name}-{seed}-warm"
            photos.stamped(source, fresh, mark=f"{time.time_ns()}")
            photos.stamped(source, warm, mark=f"{time.time_ns()}-warm", at_most=5)
            arguments = {
                "folder": str(fresh),
                "warm": {"folder": str(warm), "place": str(place / f"{name}-{seed}-run-warm"), "recipe": {}},
                "run": str(place / f"{name}-{seed}-run"),
                "seed": seed,
            }
            figures["tlstudio"].append(apart("peers", home=place / "home", who="tlstudio", **arguments))
            figures["fastai"].append(
                apart("peers", home=place / "home", who="fastai", folder=str(fresh), seed=seed)
            )
            for who, each in figures.items():
                print(f"    {who}: {each[-1]}", file=sys.stderr)
    accuracy, notes = {}, []
    for who, each in figures.items():
        right, n = (sum(one[key] for one in each) for key in ("right", "n"))
        interval = wilson(right, n)
        accuracy[who] = [one["right"] / one["n"] for one in each]
        notes.append(f"{who} {right / n:.1%} ({interval.low:.1%} to {interval.high:.1%}, n {n})")
    seconds = {who: [one["seconds"] for one in each] for who, each in figures.items()}
    times = ", ".join(f"{who} {statistics.median(each):.1f} s" for who, each in seconds.items())
    gained = tuple(a - b for a, b in zip(accuracy["tlstudio"], accuracy["fastai"], strict=True))
    return [
        ratio(
            f"fastai fine_tune({EPOCHS}) / tlstudio, {name}",
            seconds["fastai"],
            seconds["tlstudio"],
            at_least=20,
            note=times,
        ),
        Row(
            name=f"test accuracy above fastai's, {name}",
            each=tuple(100 * value for value in gained),
            unit="points",
            at_least=0,
            note=f"all seeds together: {'; '.join(notes)}",
        ),
    ]


def measure(*, who: str, **arguments: Any) -> dict[str, Any]:
    """One side, in a process of its own."""
    return {"fastai": by_fastai, "tlstudio": by_tlstudio}[who](**arguments)


def main() -> None:
    """Compare, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sets", default="trash6,clothes")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--out", type=Path, default=Path("build/peers.json"))
    asked = parser.parse_args()
    data = photos.shared_data()
    if find_spec("fastai") is None:
        print("left out: fastai is not installed (this file's first lines tell how)")
        return
    if data is None:
        print("left out: the real image sets are not beside the project; TLSTUDIO_SHARED_DATA can name them")
        return
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="tlstudio-bench-") as place:
        for name in asked.sets.split(","):
            seeds = [int(seed) for seed in asked.seeds.split(",")]
            rows += compare(data / name, name=name, seeds=seeds, place=Path(place))
            write(asked.out, rows)
    print(table(rows))


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1].startswith("{"):
        answer(measure)
    else:
        main()

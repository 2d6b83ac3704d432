"""The trainable model, from cached activations to class scores, and its training batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from tlstudio.compute.seeds import derive_seed, generator
from tlstudio.data.preprocessing import normalise
from tlstudio.features.images import RunImage, label_tensor
from tlstudio.features.table import Features
from tlstudio.features.views import PLAIN, View, random_view
from tlstudio.models.classifier import Classifier
from tlstudio.models.freezing import apply_freeze, train_mode
from tlstudio.models.heads import Head
from tlstudio.specs.recipe import AugmentationSettings


class TrainableModel(nn.Module):
    """The trainable stages and the head as one model; shares its tensors with the classifier.

    Args:
        classifier: Trained in place; frozen stages stay as they are.
        first_trainable: First trainable stage, None when the head trains alone.
    """

    def __init__(self, classifier: Classifier, *, first_trainable: str | None) -> None:
        super().__init__()
        self.classifier = classifier
        self.first_trainable = first_trainable
        apply_freeze(classifier, first_trainable)

    def train(self, mode: bool = True) -> TrainableModel:
        """Set train mode for trainable stages and head; BatchNorm stays in eval mode everywhere."""
        self.training = mode
        if mode:
            train_mode(self.classifier, self.first_trainable)
        else:
            self.classifier.eval()
        return self

    def features(self, activations: Tensor) -> Tensor:
        """Pooled features [N, F] of activations at the freeze line (or of inputs, uint8)."""
        if activations.dtype == torch.uint8:
            x = normalise(activations, self.classifier.preprocessing)
        else:
            x = activations.float()
        if self.first_trainable is None:
            return x
        if x.ndim == 4:
            x = x.contiguous(memory_format=torch.channels_last)
        return self.classifier.backbone.run_stages(x, start=self.first_trainable)

    def forward(self, activations: Tensor) -> Tensor:
        """Scores [N, K] of activations at the freeze line (or of inputs, uint8), see `Classifier.answer`."""
        return self.classifier.answer(self.features(activations))

    @property
    def takes_images(self) -> bool:
        """True if nothing is frozen, so that the inputs are the images themselves."""
        return self.first_trainable == self.classifier.backbone.stage_names[0]

    def trainable_parameters(self) -> dict[str, nn.Parameter]:
        """The parameters of trainable stages and head, by name."""
        return {name: p for name, p in self.named_parameters() if p.requires_grad}

    def depths(self) -> dict[str, int]:
        """Number of stages between each trainable parameter and the topmost stage; -1 for the head's."""
        names = self.classifier.backbone.stages_from(self.first_trainable)
        depth = {
            id(parameter): number
            for number, name in enumerate(reversed(names))
            for parameter in self.classifier.backbone.stage(name).parameters()
        }
        return {
            name: depth.get(id(parameter), -1)
            for name, parameter in self.named_parameters()
            if parameter.requires_grad
        }


class StandardisedHead(nn.Module):
    """A head with a hidden layer on standardised features (mean 0, deviation 1), as AdamW needs them.

    Args:
        head: Head with a hidden layer; trained in place.
        features: Training features [N, F], which give mean and standard deviation.
    """

    def __init__(self, head: Head, *, features: Features) -> None:
        super().__init__()
        self.head = head
        n = max(len(features), 1)
        sums, squares = torch.zeros(2, features.size, dtype=torch.float64)
        for block in features.blocks():
            sums += block.sum(dim=0, dtype=torch.float64)
            squares += block.double().square_().sum(dim=0)
        mean = sums / n
        deviation = (squares / n - mean.square()).clamp_min(0).sqrt()
        overall = float((squares.mean() / n - mean.mean().square()).clamp_min(0).sqrt())
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", mean.float())
        self.register_buffer("deviation", deviation.clamp_min(1e-3 * overall + 1e-12).float())

    def forward(self, features: Tensor) -> Tensor:
        """Scores [N, K] of pooled features [N, F]."""
        scores: Tensor = self.head((features.float() - self.mean) / self.deviation)
        return scores

    def depths(self) -> dict[str, int]:
        """See `TrainableModel.depths`; there is only the head."""
        return {name: -1 for name, _ in self.named_parameters()}

    @torch.no_grad()
    def fold(self) -> None:
        """Merge the standardisation into the first layer, so that the head takes raw features."""
        first = next(module for module in self.head.hidden.modules() if isinstance(module, nn.Linear))
        first.weight.div_(self.deviation)
        first.bias.sub_(first.weight @ self.mean)


class ActivationSource(Protocol):
    """Source of activations for batches: the cache, or a table of features."""

    @property
    def images(self) -> tuple[RunImage, ...]:
        """N images."""
        ...

    @property
    def views(self) -> tuple[View, ...]:
        """V views, the plain one first."""
        ...

    def read(self, indices: Sequence[int], view_indices: Sequence[int] | None = None) -> Tensor:
        """Read activations of some images, each in one of the views; None reads the plain view of all."""
        ...

    def views_in_epoch(self, epoch: int) -> int:
        """Number of views, counted from the first, that an epoch draws from."""
        ...

    def start_epoch(self, epoch: int) -> None:
        """Prepare for an epoch; called once, before its first batch."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureTable:
    """An `ActivationSource` of pooled features [N, F] of the plain images."""

    images: tuple[RunImage, ...]
    features: Features
    views: tuple[View, ...] = (PLAIN,)

    def read(self, indices: Sequence[int], view_indices: Sequence[int] | None = None) -> Tensor:
        """Read features of some images."""
        return self.features[torch.tensor(list(indices), dtype=torch.int64)].table()

    def views_in_epoch(self, epoch: int) -> int:
        """See `ActivationSource.views_in_epoch`: there is only the plain view."""
        return 1

    def start_epoch(self, epoch: int) -> None:
        """See `ActivationSource.start_epoch`: there is nothing to prepare."""


class TrainingImages:
    """Batches of activations with their labels; the view of each image is drawn anew in every epoch.

    Args:
        activations: Activations of the cached views.
        seed: Seed of the run.
        input_augmentation: Draws fresh random views of the inputs themselves instead of cached ones; only
            when nothing is frozen.
        device: Device that batches are moved to.
        labels: Of all images, in another form than int64 [N]; None takes their labels in the first column.
    """

    def __init__(
        self,
        activations: ActivationSource,
        *,
        seed: int,
        input_augmentation: AugmentationSettings | None = None,
        device: str = "cpu",
        labels: Tensor | None = None,
    ) -> None:
        self._activations = activations
        self._seed = seed
        self._input_augmentation = input_augmentation
        self._device = device
        self.labels = label_tensor(activations.images) if labels is None else labels

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def from_pixels(self) -> bool:
        """True if the whole backbone trains, with fresh views of the images themselves."""
        return self._input_augmentation is not None

    def batches(self, *, epoch: int, size: int) -> list[list[int]]:
        """Indices of the images in each batch of an epoch, shuffled."""
        order: list[int] = torch.randperm(len(self), generator=generator(self._seed, "order", epoch)).tolist()
        return [order[start : start + size] for start in range(0, len(order), size)]

    def batch(self, indices: Sequence[int], *, epoch: int) -> tuple[Tensor, Tensor]:
        """Activations [N, …] in that epoch's views, and labels [N]."""
        if self._input_augmentation is not None:
            view = random_view(self._input_augmentation, seed=derive_seed(self._seed, "epoch", epoch))
            plain = self._activations.read(indices)
            images = self._activations.images
            inputs = [
                view.apply(x, sha256=images[index].sha256) for x, index in zip(plain, indices, strict=True)
            ]
            activations = torch.stack(inputs)
        else:
            draw = torch.randint(
                self._activations.views_in_epoch(epoch),
                (len(self),),
                generator=generator(self._seed, "views", epoch),
            )
            activations = self._activations.read(indices, draw[list(indices)].tolist())
        return activations.to(self._device), self.labels[list(indices)].to(self._device)

    def plain_batch(self, indices: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Activations of the plain images, and labels."""
        activations = self._activations.read(indices)
        return activations.to(self._device), self.labels[list(indices)].to(self._device)

    def start_epoch(self, epoch: int) -> None:
        """Prepare the views that an epoch needs."""
        self._activations.start_epoch(epoch)

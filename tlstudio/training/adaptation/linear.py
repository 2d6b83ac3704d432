"""The adapted heads that are solved in closed form: own standardisation, and CORAL on top of it."""

from __future__ import annotations

import torch
from torch import Tensor

from tlstudio.compute.seeds import generator
from tlstudio.features.table import Features
from tlstudio.training.adaptation.adapted_head import AdaptedHead
from tlstudio.training.adaptation.domains import Domains, Standardisation
from tlstudio.training.head.probe import FOLDS, fit_probe

SHRINKAGE = 0.3
"""Part of the mean variance added to every axis of a covariance: there are more features than images."""


def standardised_head(domains: Domains) -> AdaptedHead:
    """A linear head on features of which each domain is standardised by its own mean and deviation."""
    target = Standardisation.of(domains.target)
    return _solved(Standardisation.of(domains.source).apply(domains.source), target, domains)


def coral_head(domains: Domains) -> AdaptedHead:
    """A linear head on standardised features whose source was given the covariance of the target.

    CORAL (Sun, Feng and Saenko 2016, arXiv:1511.05547): under a frozen backbone, aligning the covariances has
    this exact solution, which needs no training.
    """
    source = Standardisation.of(domains.source).apply(domains.source)
    standardisation = Standardisation.of(domains.target)
    target = standardisation.apply(domains.target)
    whitened = source @ _power(_covariance(source), -0.5)
    return _solved(whitened @ _power(_covariance(target), 0.5), standardisation, domains)


def _solved(source: Tensor, target: Standardisation, domains: Domains) -> AdaptedHead:
    """The linear probe's solution on prepared source features, for raw features of the target."""
    count = len(source)
    order = torch.randperm(count, generator=generator(domains.seed, "adaptation folds"))
    by_class = order[torch.argsort(domains.labels[order], stable=True)]
    folds = torch.empty(count, dtype=torch.int64)
    folds[by_class] = torch.arange(count) % FOLDS
    solution = fit_probe(
        Features.of(source),
        domains.labels,
        classes_count=domains.classes_count,
        class_weighting=False,
        folds=folds,
    )
    weight, bias = target.folded(solution.weight, solution.bias)
    return AdaptedHead(weight=weight, bias=bias)


def _covariance(features: Tensor) -> Tensor:
    """The covariance [F, F] of centred features, shrunk towards one variance on all axes."""
    covariance = features.T @ features / len(features)
    covariance.diagonal().add_(SHRINKAGE * covariance.diagonal().mean())
    return covariance


def _power(covariance: Tensor, exponent: float) -> Tensor:
    """A power of a symmetric positive matrix."""
    values, vectors = torch.linalg.eigh(covariance)
    powers: Tensor = (vectors * values.clamp_min(1e-8) ** exponent) @ vectors.T
    return powers

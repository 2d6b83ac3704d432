"""How knowledge is transferred: one strategy per file."""

from __future__ import annotations

from tlstudio.core.contracts import Strategy
from tlstudio.core.registry import Registry
from tlstudio.training.state import Outcome, TrainingState

STRATEGIES: Registry[Strategy[TrainingState, Outcome]] = Registry("tlstudio.training.strategies")

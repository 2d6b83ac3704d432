"""Spec of the runtime “PyTorch, mixed precision”."""

from __future__ import annotations

from tlstudio.specs.spec import RuntimeSpec

SPEC = RuntimeSpec(id="torch-autocast", title="PyTorch, mixed precision")

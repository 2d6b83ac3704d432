"""Spec of the runtime “PyTorch, half precision”."""

from __future__ import annotations

from tlstudio.specs.spec import RuntimeSpec

SPEC = RuntimeSpec(id="torch-bf16", title="PyTorch, half precision")

"""Spec of the runtime “PyTorch (the reference)”."""

from __future__ import annotations

from tlstudio.specs.spec import RuntimeSpec

SPEC = RuntimeSpec(id="torch-fp32", title="PyTorch (the reference)", reference=True)

"""OpenVINO in bfloat16."""

from __future__ import annotations

from tlstudio.models.frozen.open_vino import OpenVino
from tlstudio.specs.runtimes.openvino_bf16 import SPEC

IMPLEMENTATION = OpenVino(SPEC, precision="bf16")

"""OpenVINO in float32."""

from __future__ import annotations

from tlstudio.models.frozen.open_vino import OpenVino
from tlstudio.specs.runtimes.openvino_f32 import SPEC

IMPLEMENTATION = OpenVino(SPEC, precision="f32")

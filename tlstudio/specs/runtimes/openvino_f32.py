"""Spec of the runtime “OpenVINO”."""

from __future__ import annotations

from tlstudio.specs.spec import RuntimeSpec

SPEC = RuntimeSpec(id="openvino-f32", title="OpenVINO", extra="openvino")

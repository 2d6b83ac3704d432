"""The runtime “OpenVINO, half precision”, described."""

from __future__ import annotations

from tlstudio.specs.spec import RuntimeSpec

SPEC = RuntimeSpec(id="openvino-bf16", title="OpenVINO, half precision", extra="openvino")

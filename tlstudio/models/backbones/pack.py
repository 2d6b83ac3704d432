"""Backbones of weights packs: an architecture of timm with the weights of another package."""

from __future__ import annotations

from pathlib import Path

from tlstudio.core.errors import UserError
from tlstudio.core.types import Preprocessing, preprocessing_from_values
from tlstudio.models.backbones import SOURCES
from tlstudio.models.backbones.timm_hub import TimmSource
from tlstudio.models.catalogue import PACK, BackboneInfo, package_name
from tlstudio.models.stages import Backbone
from tlstudio.models.timm_models import recorded_preprocessing


class PackSource:
    """Builds an architecture of timm and fills it from the pack's file."""

    id = PACK

    def preprocessing(self, info: BackboneInfo) -> Preprocessing:
        """See `BackboneSource.preprocessing`: what the pack sets, and else what timm records."""
        recorded = recorded_preprocessing(info.timm_name, input_size=info.input_size)
        if info.preprocessing is None:
            return recorded
        values = {**recorded.as_values(), **info.preprocessing, "input_size": info.input_size}
        try:
            return preprocessing_from_values(values)
        except ValueError as error:
            raise UserError(
                f"What the package {package_name(info)} says about the preprocessing of {info.title} is "
                f"wrong: {error}.",
                mend="Ask its makers for a corrected version, or choose another backbone.",
            ) from error

    def build(self, info: BackboneInfo, *, weights_file: Path | None) -> Backbone:
        """See `BackboneSource.build`."""
        backbone = TimmSource().build(info, weights_file=weights_file)
        if backbone.stage_names != tuple(stage.name for stage in info.stages):
            raise UserError(
                f"The package {package_name(info)} names other stages of {info.title} than it has: "
                f"{', '.join(backbone.stage_names)}.",
                mend="Ask its makers for a corrected version, or choose another backbone.",
            )
        backbone.preprocessing = self.preprocessing(info)
        return backbone


SOURCES.register(PackSource())

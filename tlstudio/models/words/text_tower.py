"""The text tower of a CLIP model: words become vectors that can be compared with those of images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tlstudio.models.clip import load_clip


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTower:
    """A text tower with its tokenizer.

    Attributes:
        model: Both towers, in eval mode.
        tokenizer: Of open_clip.
    """

    model: Any
    tokenizer: Any

    @property
    def scale(self) -> float:
        """The factor by which the model multiplies cosines to get logits."""
        return float(self.model.logit_scale.detach().exp())

    @torch.inference_mode()
    def embed(self, texts: Sequence[str]) -> Tensor:
        """The direction of each text, float32 [N, F], of length one.

        Each text is computed by itself: in a batch the others would change the rounding.
        """
        rows = [self.model.encode_text(self.tokenizer([text]), normalize=True) for text in texts]
        return torch.cat(rows)


def load_text_tower(backbone_id: str, *, weights_file: Path) -> TextTower:
    """Load the text tower that belongs to a CLIP backbone.

    Args:
        backbone_id: Of the image tower.
        weights_file: Of both.

    Raises:
        UserError: As `load_clip`.
    """
    model = load_clip(backbone_id, weights_file=weights_file)
    import open_clip

    # Not by `get_tokenizer`, which sets up logging for the whole process.
    settings = open_clip.get_model_config(backbone_id.partition(":")[2])["text_cfg"]
    tokenizer = open_clip.SimpleTokenizer(
        context_length=model.context_length, **settings.get("tokenizer_kwargs", {})
    )
    return TextTower(model=model, tokenizer=tokenizer)

"""Finds other backbones by a part of their name."""

from __future__ import annotations

from tlstudio.models.backbones import timm_hub
from tlstudio.models.clip import search_clip
from tlstudio.operations.context import Context, Values
from tlstudio.specs.operations.search_backbones import SearchBackbonesArguments


def search_backbones(arguments: SearchBackbonesArguments, context: Context) -> Values:
    """Find backbones whose name holds a text: `{"ids"}`."""
    return {"ids": [*search_clip(arguments.text), *timm_hub.search_backbones(arguments.text)]}


IMPLEMENTATION = search_backbones

"""Lists the backbones that can be chosen."""

from __future__ import annotations

from tlstudio.models.catalogue import availability, catalog
from tlstudio.operations.context import Context, Values
from tlstudio.specs.operations.backbones import BackbonesArguments


def backbones(arguments: BackbonesArguments, context: Context) -> Values:
    """List the backbones of the catalogue: `{"backbones"}`, a list as fixed for `backbones --json`."""
    rows = []
    for info in catalog():
        state = availability(info)
        if arguments.offline and state.state in ("download", "needs-extra"):
            continue
        rows.append(
            {
                "id": info.id,
                "title": info.title,
                "state": state.state,
                "detail": state.detail,
                "parameters": info.parameters,
                "input_size": info.input_size,
                "feature_size": info.feature_size,
                "pretrained_on": info.pretrained_on,
                "licence": info.licence,
                "download_bytes": info.download_bytes,
                "stages": [stage.name for stage in info.stages],
            }
        )
    return {"backbones": rows}


IMPLEMENTATION = backbones

"""Lists the backbones that can be chosen."""

from __future__ import annotations

from tlstudio.core.events import WarningRaised
from tlstudio.models.catalogue import availability, catalog, pack_problems
from tlstudio.models.licences import licence_terms
from tlstudio.operations.context import Context, Values
from tlstudio.specs.operations.backbones import BackbonesArguments


def backbones(arguments: BackbonesArguments, context: Context) -> Values:
    """List the backbones of the catalogue: `{"backbones"}`, a list as fixed for `backbones --json`."""
    for problem in pack_problems():
        context.emit(WarningRaised(run_id=context.run_id, code="weights-pack", message=problem))
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
                "licence_light": licence_terms(info.licence).light,
                "licence_note": info.licence_note,
                "download_bytes": info.download_bytes,
                "stages": [stage.name for stage in info.stages],
            }
        )
    return {"backbones": rows}


IMPLEMENTATION = backbones

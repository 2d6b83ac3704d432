"""Says that the figures shown belong to another run than the one that is chosen."""

from __future__ import annotations

from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.home.recent_projects import run_title


def unfinished_words(app_state: AppState) -> str:
    """A sentence when the chosen run has no figures and those of an earlier one are shown; else empty."""
    chosen, shown = app_state.run, app_state.finished_run()
    if chosen is None or shown is None or chosen == shown:
        return ""
    name = run_title(chosen.path.name)
    state = "is being trained" if chosen == app_state.training_run else "did not finish"
    return f"{name} {state}. Until it has figures, this is {run_title(shown.path.name).lower()}."

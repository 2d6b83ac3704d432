"""Tells the banner what failed, and when the cause of a message is gone."""

from __future__ import annotations

from tlstudio.gui.app_state import AppState
from tlstudio.gui.widgets.frame.banner import Banner


def show_messages(app_state: AppState, banner: Banner) -> None:
    """Let a banner show the failures of a window, and withdraw them when they are over."""
    app_state.failed.connect(banner.show_failure)
    app_state.job_started.connect(banner.follow)
    app_state.explained.connect(banner.withdraw)
    app_state.saved.connect(banner.withdraw_own)
    app_state.run_changed.connect(banner.withdraw_own)
    app_state.project_changed.connect(banner.withdraw_all)

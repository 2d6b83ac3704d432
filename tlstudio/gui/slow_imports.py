"""Imports that several pages need and that take long; meant for a background thread."""

from __future__ import annotations


def import_slow_modules() -> None:
    """Import the recipe and find the specs, so that no page has to do it on the GUI thread."""
    import tlstudio.specs.recipe  # noqa: F401
    from tlstudio.specs import OPERATIONS, STRATEGIES, VIEWS

    for registry in (OPERATIONS, STRATEGIES, VIEWS):
        registry.ids()

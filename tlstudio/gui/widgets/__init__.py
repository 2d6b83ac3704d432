"""Widgets that do not depend on any page."""

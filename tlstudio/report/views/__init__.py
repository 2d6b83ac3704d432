"""One figure per file, the same in the app, the report and a notebook. Knows neither torch nor pyplot."""

from __future__ import annotations

from matplotlib.figure import Figure

from tlstudio.core.contracts import ReportView
from tlstudio.core.registry import Registry

VIEWS: Registry[ReportView[Figure]] = Registry("tlstudio.report.views")

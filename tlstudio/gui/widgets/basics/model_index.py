"""Names for what the methods of every Qt item model take."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex

Index = QModelIndex | QPersistentModelIndex
"""A place in an item model."""
TOP = QModelIndex()
"""The parent of a table's rows and columns."""

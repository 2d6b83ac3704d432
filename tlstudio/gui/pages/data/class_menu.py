"""The menu of a class: rename, colour, merge with another, delete."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QMenu, QMessageBox, QWidget

from tlstudio.core.wording import count
from tlstudio.gui.pages.data.panels import ClassesCard
from tlstudio.gui.project_edits import ProjectEdits
from tlstudio.gui.widgets.basics.plain_text import as_plain_text
from tlstudio.gui.widgets.lists.class_picker import ClassPicker


class ClassCommands(QObject):
    """Opens the menu of a class and carries out what is chosen there, asking first where images lose labels.

    Args:
        card: The classes.
        edits: Changes the project.
        page: Parent of dialogs.
    """

    def __init__(self, card: ClassesCard, edits: ProjectEdits, page: QWidget) -> None:
        super().__init__(page)
        self._card, self._edits, self._page = card, edits, page
        self._name = ""
        self.picker = ClassPicker("Merge with the class", page)
        self.picker.class_chosen.connect(self._merge)
        card.list.menu_requested.connect(self.open_menu)
        card.list.delete_requested.connect(self.delete)
        card.change.clicked.connect(self._open_below)
        card.renamed.connect(edits.rename_class)
        card.new_class.connect(edits.add_class)

    @Slot(str, QPoint)
    def open_menu(self, name: str, place: QPoint) -> None:
        """Open the menu of a class at a place on the screen."""
        self._name = name
        menu = QMenu(self._page)
        menu.setAccessibleName(f"The class {name}")
        menu.addAction("&Rename…\tF2").triggered.connect(self._rename)
        menu.addAction("&Colour…").triggered.connect(self._choose_colour)
        others = [look for look in self._edits.looks() if look.name != name]
        merge = menu.addAction("&Merge with…")
        merge.setEnabled(bool(others))
        merge.triggered.connect(lambda: self._open_picker(place))
        menu.addSeparator()
        menu.addAction("&Delete…\tDel").triggered.connect(self._delete_chosen)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    @Slot(str)
    def delete(self, name: str) -> None:
        """Delete a class; asks first when images have it."""
        number = self._card.list.images_of(name)
        if not number:
            self._edits.delete_class(name)
            return
        images = count(number, "image has", plural="images have")
        box = QMessageBox(self._page)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(f"Delete the class “{name}”?")
        box.setInformativeText(
            f"{images} this label and will have none. The files stay; Ctrl+Z brings all of it back."
        )
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.addButton("&Delete class", QMessageBox.ButtonRole.AcceptRole)
        box.setEscapeButton(box.addButton("&Keep it", QMessageBox.ButtonRole.RejectRole))
        as_plain_text(box)
        box.setProperty("class", name)
        box.accepted.connect(self._delete_agreed)
        box.open()

    @Slot()
    def _open_below(self) -> None:
        name = self._card.list.current_class()
        if name is not None:
            change = self._card.change
            self.open_menu(name, change.mapToGlobal(change.rect().bottomLeft()))

    @Slot()
    def _rename(self) -> None:
        self._card.list.rename(self._name)

    @Slot()
    def _choose_colour(self) -> None:
        now = next((look.colour for look in self._edits.looks() if look.name == self._name), "")
        dialog = QColorDialog(QColor(now), self._page)
        dialog.setWindowTitle(f"Colour of {self._name}")
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        dialog.setProperty("class", self._name)
        dialog.colorSelected.connect(self._colour_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(QColor)
    def _colour_chosen(self, colour: QColor) -> None:
        self._edits.set_colour(self.sender().property("class"), colour.name())

    def _open_picker(self, place: QPoint) -> None:
        looks = [look for look in self._edits.looks() if look.name != self._name]
        self.picker.open_at(place, looks=looks, current=None, can_unlabel=False)

    @Slot(object)
    def _merge(self, other: str) -> None:
        self._card.ask_to_merge(self._name, other)

    @Slot()
    def _delete_chosen(self) -> None:
        self.delete(self._name)

    @Slot()
    def _delete_agreed(self) -> None:
        self._edits.delete_class(self.sender().property("class"))

"""Copies of predicted images in one folder per class; the images themselves are never moved or changed."""

from __future__ import annotations

import errno
import filecmp
import os
import re
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from tlstudio.core.errors import Cancelled, UserError, from_os_error, is_disk_full
from tlstudio.core.events import Emit, WarningRaised
from tlstudio.core.types import PredictedImage
from tlstudio.core.unknown_words import is_odd
from tlstudio.core.wording import count, named
from tlstudio.data.naming import printable, same_name

COPIES = "copies"
"""Code of the note that says how many copies were made."""
ODD_FOLDER = "_odd"
"""Folder of the images that are unlike those the model was taught; class folders below it."""
MOST_NAMED = 5
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST_BYTES = 200


def copy_while_reading(
    predictions: Iterator[PredictedImage], folder: Path, *, sources: Sequence[Path], run_id: str, emit: Emit
) -> Iterator[PredictedImage]:
    """Pass predictions on and copy each image into the folder of its class.

    An image that is unlike what the model was taught goes into the folder of its class below `ODD_FOLDER`: it
    may show something else. An image without a prediction is not copied. Two images of one name are kept
    apart ("a.jpg", "a (2).jpg"). A copy that an earlier call made is recognised by name and content and not
    made again.

    Args:
        predictions: Of one classifier.
        folder: Receives one folder per class; made when missing.
        sources: The files and folders that the images come from; the copies may not lie among them.
        run_id: Written into the event.
        emit: Receives one note at the end, also after cancelling: what was done.

    Yields:
        Each prediction, in the same order.

    Raises:
        UserError: The folder lies among the images or cannot be written, or the disk is full; says how many
            copies were made.
        Cancelled: The person cancelled; the copies made so far stay.
    """
    for source in sources:
        if source.is_dir() and folder.resolve().is_relative_to(source.resolve()):
            raise UserError(
                f"The folder {printable(str(folder))} lies among the images.",
                mend="Choose one outside: nothing is written among your images.",
            )
    copies = _Copies(folder)
    try:
        for prediction in predictions:
            copies.add(prediction)
            yield prediction
    except Cancelled:
        emit(WarningRaised(run_id=run_id, code=COPIES, message=f"Cancelled. {copies.summary()}"))
        raise
    emit(WarningRaised(run_id=run_id, code=COPIES, message=copies.summary()))


class _Copies:
    """Copies files one by one and counts them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._class_folders: dict[str, Path] = {}
        self._taken: set[str] = set()
        self._made = self._found = self._unread = self._odd = 0
        self._failed: list[str] = []

    def add(self, prediction: PredictedImage) -> None:
        """Copy one image, unless it has no prediction."""
        if not self._class_folders:
            names = folder_names(list(prediction.probabilities))
            self._class_folders = {name: self._folder / part for name, part in names.items()}
        if prediction.class_name is None:
            self._unread += 1
            return
        image, target = Path(prediction.path), self._class_folders[prediction.class_name]
        if is_odd(prediction.unknown):
            target = self._folder / ODD_FOLDER / target.name
            self._odd += 1
        try:
            self._copy(image, target)
        except OSError as error:
            if is_disk_full(error):
                raise self._full_disk() from error
            if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR) and not self._made:
                raise from_os_error(error) from error
            self._failed.append(f"{image.name} ({error.strerror or error})")

    def summary(self) -> str:
        """Say in a few sentences what was copied."""
        where = printable(str(self._folder))
        sentences = [f"{_images(self._made, 'was', 'were')} copied into {where}, one folder per class."]
        if self._found:
            sentences.append(f"{_images(self._found, 'was', 'were')} there already.")
        if self._odd:
            odd = _images(self._odd, "is", "are")
            sentences.append(f"{odd} unlike what the model was taught and lie below “{ODD_FOLDER}”.")
        if self._unread:
            sentences.append(f"{count(self._unread, 'file')} could not be read and got no copy.")
        if self._failed:
            names = named([printable(name) for name in self._failed])
            sentences.append(f"{count(len(self._failed), 'file')} could not be copied: {names}.")
        return " ".join(sentences)

    def _copy(self, image: Path, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        number = 1
        while True:
            name = image.name if number == 1 else f"{image.stem} ({number}){image.suffix}"
            target = folder / name
            # Systems that ignore case see "A.jpg" and "a.jpg" as one file.
            key = same_name(str(target))
            if key not in self._taken:
                self._taken.add(key)
                if not target.exists():
                    break
                if _is_same(image, target):
                    self._found += 1
                    return
            number += 1
        partial = folder / f".{name[:40]}.partial"
        try:
            shutil.copyfile(image, partial)
            with suppress(OSError):  # some drives keep no dates
                shutil.copystat(image, partial)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        self._made += 1

    def _full_disk(self) -> UserError:
        where = printable(str(self._folder))
        return UserError(
            f"The disk is full: {_images(self._made, 'was', 'were')} copied into {where}.",
            work="Your own images are as they were, and the copies made so far stay.",
            mend="Free some space there and choose the same folder again: what is there is not copied twice.",
        )


def folder_names(classes: Sequence[str]) -> dict[str, str]:
    """A folder name for each class that every system accepts; different classes get different ones."""
    names: dict[str, str] = {}
    taken = {ODD_FOLDER}
    for name in classes:
        plain = _NOT_IN_NAMES.sub("_", unicodedata.normalize("NFC", name)).strip().rstrip(".")
        plain = os.fsencode(plain)[:_LONGEST_BYTES].decode("utf-8", errors="ignore")
        if not plain or plain.startswith(".") or _RESERVED.fullmatch(plain):
            plain = f"_{plain}"
        folder, number = plain, 2
        while folder.casefold() in taken:
            folder, number = f"{plain} ({number})", number + 1
        taken.add(folder.casefold())
        names[name] = folder
    return names


def _is_same(image: Path, target: Path) -> bool:
    return target.is_file() and filecmp.cmp(image, target, shallow=False)


def _images(number: int, one: str, many: str) -> str:
    return count(number, f"image {one}", plural=f"images {many}")

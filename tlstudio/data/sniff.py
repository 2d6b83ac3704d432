"""Recognises files that are not images, and explains what they are and what to do."""

from __future__ import annotations

from pathlib import PurePosixPath

_SIDECARS = {
    *(".csv", ".tsv", ".txt", ".json", ".xml", ".yaml", ".yml", ".md", ".ini", ".log", ".db", ".sqlite"),
    *(".py", ".ipynb", ".xls", ".xlsx", ".ods", ".doc", ".docx", ".odt", ".rtf", ".html", ".htm"),
    *(".xmp", ".aae", ".thm", ".pp3", ".npy", ".npz", ".mat", ".h5", ".hdf5", ".pkl"),
}
_MAGIC = (
    (b"%PDF", "a PDF document", "Export its pages as PNG or JPEG images."),
    (
        b"PK\x03\x04",
        "a zip archive or office document",
        "Unpack it, and put the images into the class's folder.",
    ),
    (b"Rar!", "a RAR archive", "Unpack it, and put the images into the class's folder."),
    (b"7z\xbc\xaf'\x1c", "a 7-Zip archive", "Unpack it, and put the images into the class's folder."),
    (b"\x1f\x8b", "a compressed archive", "Unpack it, and put the images into the class's folder."),
    (b"\x1aE\xdf\xa3", "a video", "Save single pictures of it as PNG or JPEG."),
    (b"OggS", "a sound or video file", "Save single pictures of it as PNG or JPEG."),
    (b"ID3", "a sound file", "Take it out of the folder."),
    (b"SQLite format 3", "a database", "Take it out of the folder."),
    (b"%!PS", "a PostScript drawing", "Export it as a PNG image."),
    (b"\xd0\xcf\x11\xe0", "an old office document", "Save its pictures as PNG or JPEG."),
    (b"\x7fELF", "a program", "Take it out of the folder."),
    (b"MZ", "a program", "Take it out of the folder."),
)
_VIDEO_BRANDS = (b"isom", b"iso2", b"mp41", b"mp42", b"qt  ", b"avc1", b"M4V ", b"3gp", b"MSNV", b"dash")
_TAKE_OUT = "Nothing to do, or take it out of the folder."


def sidecar_reason(name: str) -> tuple[str, str] | None:
    """Reason and mend for a file whose name says that it is no image, such as a table; else None."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in _SIDECARS:
        return f"A {suffix} file is not an image; it was passed over.", _TAKE_OUT
    return None


def container_reason(head: bytes) -> tuple[str, str] | None:
    """Reason and mend for a file whose first bytes say that it is something else; else None.

    Args:
        head: The first bytes; 4096 are enough.
    """
    for magic, what, mend in _MAGIC:
        if head.startswith(magic):
            return f"This is {what}, not an image.", mend
    is_video = head[4:8] == b"ftyp" and head[8:12].startswith(_VIDEO_BRANDS)
    if is_video or (head[:4] == b"RIFF" and head[8:12] in (b"AVI ", b"WAVE")):
        return "This is a video or sound file, not an image.", "Save single pictures of it as PNG or JPEG."
    return None


def unknown_reason(data: bytes) -> tuple[str, str]:
    """Reason and mend for a file that no reader could open."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    lower = head[:512].lower()
    if lower.startswith((b"<!doctype html", b"<html")) or b"<html" in lower:
        return (
            "This is a web page saved under an image's name, often an error page of a failed download.",
            "Download the image again.",
        )
    if b"<svg" in lower:
        return "This is a vector drawing (SVG), not made of pixels.", "Export it as a PNG image."
    if head and not data[:4096].strip(b"\x00"):
        return (
            "The file holds nothing but zeros; its content was lost.",
            "Copy it again from where it came from.",
        )
    if _is_text(data[:4096]):
        return "The file holds text, not an image.", _TAKE_OUT
    return (
        "This is not an image, or of a kind that is not known here.",
        "If it is an image, open it in the program that made it and save it as PNG or JPEG.",
    )


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The excerpt may end in the middle of a character.
        if error.start < len(head) - 3:
            return False
        text = head[: error.start].decode("utf-8")
    return bool(text) and all(character.isprintable() or character in "\t\r\n\f" for character in text)

"""What can be exported, for menus: loads neither torch nor onnx. A test holds it against the formats."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportInfo:
    """One choice in a menu.

    Attributes:
        id: Name on the command line.
        title: A few plain words.
        audience: Who can use it.
        suffix: File ending with its dot; empty for a folder.
        summary: One plain sentence.
    """

    id: str
    title: str
    audience: str
    suffix: str
    summary: str


EXPORTS: tuple[ExportInfo, ...] = (
    ExportInfo(
        id="onnx",
        title="ONNX model for whole images",
        audience="Programs that run ONNX, on any system",
        suffix=".onnx",
        summary="One file that takes a decoded image of any size and gives a probability for each class.",
    ),
    ExportInfo(
        id="onnx-tensor",
        title="ONNX model for prepared images",
        audience="Tools that insist on preparing the images themselves",
        suffix=".onnx",
        summary="One file that takes images already resized and normalised, many at once.",
    ),
    ExportInfo(
        id="portable",
        title="Portable folder with a sample program",
        audience="Anyone with Python, or who wants to keep everything together",
        suffix="",
        summary="A folder with the weights, an ONNX model, its model card and a short program that uses it.",
    ),
)

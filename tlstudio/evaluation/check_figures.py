"""The sentences that go with figures of check images: how far they can be trusted."""

from __future__ import annotations


def check_figures_words(*, learned: bool) -> str:
    """Say how figures of check images differ from those of new images.

    Args:
        learned: Whether the classifier learned from them in the end, and others answered for them.
    """
    if learned:
        return (
            "They come from classifiers that had not seen these images. Where settings were chosen by them, "
            "they are a little too good; but the classifier itself has learned from more images, so it may "
            "also be a little better."
        )
    return "Settings may have been chosen by these images; then the figures are a little too good."

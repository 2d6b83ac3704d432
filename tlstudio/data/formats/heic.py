"""Reads HEIC and HEIF, the photo formats of newer phones, with pillow-heif."""

from __future__ import annotations

from importlib.util import find_spec
from io import BytesIO

from tlstudio.data.formats import READERS, DecodedImage, check_size, needs_extra, quieten
from tlstudio.data.formats.pillow import rgb_of

_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1", b"mif2"}


class HeicReader:
    """Reader for HEIC, claimed by the container's brand; AVIF, in the same container, is left to Pillow."""

    id = "heic"
    rank = 20

    def claims(self, head: bytes, *, suffix: str) -> bool:
        """See `Reader.claims`."""
        if head[4:8] != b"ftyp" or head[8:12] not in _BRANDS:
            return False
        brands = head[8 : int.from_bytes(head[:4], "big")]
        return b"avif" not in brands and b"avis" not in brands

    def read_deep(self, data: bytes, *, suffix: str) -> None:
        """See `Reader.read_deep`; these become 8 bits while they are read."""

    def read(self, data: bytes, *, suffix: str) -> DecodedImage:
        """See `Reader.read`."""
        if find_spec("pillow_heif") is None:
            raise needs_extra("a HEIC photo")
        import pillow_heif

        quieten()
        # The decoder turns the image upright itself and converts 10 and 12 bits to 8.
        file = pillow_heif.open_heif(BytesIO(data), convert_hdr_to_8bit=True)
        check_size(*file.size)
        pixels, notes = rgb_of(file.to_pillow())
        return DecodedImage(pixels, notes)


READERS.register(HeicReader())

"""Logos: whatever image comes is drawn anew, small and as PNG, so that nothing else that was in the file is kept or shown.

No SVG, which is a document with scripts. An image is looked at before it is unpacked: a few bytes can stand for billions of pixels.
"""

import struct
import threading
import zlib
from io import BytesIO

from PIL import Image, ImageOps

from varco.protocol.fault import Fault
from varco.registry.errors import Invalid
from varco.registry.fault_codes import RegistrationFault

MAX_BYTES = 1_000_000
MAX_SIDE = 2048
SIDE = 256
"""Pixels of each side of a logo as it is kept and shown."""
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
WAIT = 5.0
"""Seconds that an image waits for the one before it: unpacked it takes a hundred times its bytes, so that one at a time is drawn."""

_DRAWING = threading.Lock()

# Pillow itself looks at it when a file is opened, at each frame of an animation too.
Image.MAX_IMAGE_PIXELS = MAX_SIDE * MAX_SIDE
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, struct.error, zlib.error)
_TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def drawn_anew(content: bytes) -> bytes:
    """An image as a PNG of `SIDE` pixels, transparent around what is not square. Raises `Invalid` (`logo`)."""
    if len(content) > MAX_BYTES:
        raise _refused(RegistrationFault.LOGO_TOO_BIG, most=MAX_BYTES // 1_000)
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            if max(image.size) > MAX_SIDE:
                raise _refused(RegistrationFault.LOGO_TOO_LARGE, most=MAX_SIDE)
            image.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG need not be unpacked whole
            if not _DRAWING.acquire(timeout=WAIT):
                raise _refused(RegistrationFault.LOGO_BUSY)
            try:
                return _as_png(_upright(_shrunk(image)))
            finally:
                _DRAWING.release()
    except _TOO_LARGE:
        raise _refused(RegistrationFault.LOGO_TOO_LARGE, most=MAX_SIDE) from None
    except _UNREADABLE:
        raise _refused(RegistrationFault.LOGO_UNREADABLE) from None


def _shrunk(image: Image.Image) -> Image.Image:
    """The image with transparency, no larger than is needed to draw it well: what is done to it next is done to few pixels."""
    image.load()
    plain = image.mode == "RGBA" or (image.mode == "RGB" and "transparency" not in image.info)
    whole = image if plain else image.convert("RGBA")
    small = whole.reduce(max(1, max(whole.size) // (2 * SIDE))).convert("RGBA")
    small.info = image.info  # how it is to be turned stands there
    return small


def _upright(image: Image.Image) -> Image.Image:
    """The image turned as it says that it is to be; as it is where what it says cannot be read."""
    try:
        return ImageOps.exif_transpose(image)
    except _UNREADABLE:
        return image


def _as_png(image: Image.Image) -> bytes:
    """The pixels alone: a new image has none of the comments, profiles and chunks of the old one."""
    fitted = ImageOps.contain(image, (SIDE, SIDE), Image.Resampling.LANCZOS)
    drawn = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    drawn.paste(fitted, ((SIDE - fitted.width) // 2, (SIDE - fitted.height) // 2))
    made = BytesIO()
    drawn.save(made, "PNG", optimize=True)
    return made.getvalue()


def _refused(code: RegistrationFault, **parameters: int) -> Invalid:
    return Invalid({"logo": [Fault(code, parameters)]})

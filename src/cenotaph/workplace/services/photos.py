"""Photographs of bones and boxes: made anew from what was sent, kept encrypted, shown by rights."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.rights import ALL, BOXES, REMAINS, SIGNED, Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.cells import Keyring
from cenotaph.workplace.ledger.context import acting, utc_now
from cenotaph.workplace.models import Photo
from cenotaph.workplace.services.records import Unsound

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST_FILE = 16 << 20
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 4096
THUMBNAIL_SIDE = 480
LEAST_CAPTION = 3
LONGEST_CAPTION = 500
FORMATS = ("JPEG", "PNG")
QUALITY = 90

SUBJECTS: Mapping[str, str] = MappingProxyType({"specimens": "specimen", "containers": "container"})
"""Tables whose rows are photographed, with the word that begins the data subject of a picture."""

_REACH = {ALL: tuple(SUBJECTS), SIGNED: tuple(SUBJECTS), REMAINS: ("specimens",), BOXES: ("containers",)}
"""Tables whose pictures a limit of the declaration means; the row itself must be open, too."""


_DAMAGED = (
    *(OSError, ValueError, SyntaxError, EOFError, zlib.error, struct.error),
    *(KeyError, TypeError, IndexError, OverflowError),
)
"""What opening a damaged picture ends with: some say so, others stumble over a length that is none."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as a page lists it: its number, what is to be seen, who sent it and when, and who may remove it."""

    id: int
    caption: str
    by: str
    at: str
    may_remove: bool


def may(viewer: Viewer, verb: str, table: str) -> bool:
    """Whether pictures of *table* are open to *verb*."""
    return any(table in _REACH[limit] for limit in viewer.fields_by_rows(verb, "photos"))


def photos_of(viewer: Viewer, table: str, key: str) -> list[Shown]:
    """Pictures of one row, oldest first; those of an erased subject are left out.

    Raises:
        Refused: the viewer may not see them.
    """
    _require(viewer, "see", table, key)
    found = Photo.objects.filter(table=table, key=key).order_by("id").defer("picture", "thumbnail")
    keys, removes = Keyring(), may(viewer, "remove", table)
    captions = [(row, keys.open(row.subject, "caption", row.caption)) for row in found]
    return [Shown(row.pk, caption, row.by, row.at, removes) for row, caption in captions if caption is not None]


def picture(viewer: Viewer, id_: int, size: str) -> bytes:
    """The JPEG of a picture, *size* ``picture`` or ``thumbnail``.

    Raises:
        Refused: there is none, or not for this viewer.
    """
    row = row_of(viewer, id_, "see")
    if size not in Photo.digested:
        raise Refused("no such size of a picture")
    text = Keyring().open(row.subject, size, getattr(row, size))
    if text is None:
        raise Refused("the picture was erased")
    return base64.b64decode(text)


def add(viewer: Viewer, table: str, key: str, content: bytes, caption: str) -> int:
    """Keeps a picture of a row; returns its number.

    Raises:
        Refused: the viewer may not.
        Unsound: the file is no picture that is taken, or nothing is said of what is to be seen.
    """
    _require(viewer, "add", table, key)
    caption = " ".join(caption.split())
    problems = {}
    if not LEAST_CAPTION <= len(caption) <= LONGEST_CAPTION:
        problems["caption"] = _("say in a few words what is to be seen")
    try:
        image = read_picture(content)
    except Unsound as error:
        raise Unsound(problems | error.problems) from error
    if problems:
        raise Unsound(problems)
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    subject = f"{SUBJECTS[table]}:{key}"
    cells = {"caption": caption, "picture": _jpeg(image), "thumbnail": _jpeg(small)}
    with acting(viewer.name, "a photograph"):
        keys = Keyring()
        sealed = {name: keys.close(subject, name, text) for name, text in cells.items()}
        keys.save()
        row = Photo.objects.create(table=table, key=key, subject=subject, by=viewer.name, at=utc_now(), **sealed)
    return int(row.pk)


def remove(viewer: Viewer, id_: int, reason: str) -> None:
    """Removes a picture; the ledger keeps that it was there, its digest and why it went.

    Raises:
        Refused: there is none, or not for this viewer.
        Unsound: no reason is given.
    """
    row = row_of(viewer, id_, "remove")
    if not reason.strip():
        raise Unsound({"reason": _("say why")})
    with acting(viewer.name, reason.strip()):
        row.delete()


def row_of(viewer: Viewer, id_: int, verb: str) -> Any:
    """The stored row of a picture on which the viewer may do *verb*.

    Raises:
        Refused: there is none.
    """
    row = Photo.objects.filter(pk=id_).first()
    if row is None:
        raise Refused("no such picture")
    _require(viewer, verb, row.table, row.key)
    return row


def read_picture(content: bytes) -> Image:
    """The picture of a JPEG or PNG file, upright, in plain RGB, with nothing that the file said besides.

    What a file is, is told by its content. Its size is read from its head: a file that unpacks to more than
    `MOST_PIXELS` is refused before it does.

    Raises:
        Unsound: it is neither, is damaged, or is too large.
    """
    from PIL import Image, ImageOps

    if len(content) > LARGEST_FILE:
        raise Unsound({"file": _("the file is too large: %(most)d MB at most") % {"most": LARGEST_FILE >> 20}})
    too_many = _("the picture has too many pixels: %(most)d million at most") % {"most": MOST_PIXELS // 1_000_000}
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as found:
            if found.width * found.height > MOST_PIXELS:
                raise Unsound({"file": too_many})
            if found.mode.startswith(("I", "F")):
                raise Unsound({"file": _("gray of 16 bits is not taken: save it with 8")})
            upright = ImageOps.exif_transpose(found).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unsound({"file": too_many}) from error
    except _DAMAGED as error:
        raise Unsound({"file": _("not a whole JPEG or PNG picture")}) from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # A new picture: what the file said of place, time and camera, and comments, stay behind.
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright, mask=upright.getchannel("A"))
    return plain


def _jpeg(image: Image) -> str:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return base64.b64encode(out.getvalue()).decode()


def _require(viewer: Viewer, verb: str, table: str, key: str) -> None:
    viewer.require(verb, "photos")
    if table not in SUBJECTS or not may(viewer, verb, table) or selectors.one(viewer, table, key) is None:
        raise Refused(f"your role may not {verb} such a picture")

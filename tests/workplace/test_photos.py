"""Photographs: what is taken and what is left behind, who sees them, and that they last."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, PngImagePlugin

from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.ledger.verify import verify
from cenotaph.workplace.models import LedgerEntry, Photo, model_of
from cenotaph.workplace.services import backup, photos, records
from cenotaph.workplace.services.erasure import erase
from cenotaph.workplace.services.export import export_record
from cenotaph.workplace.services.records import Unsound
from tests.workplace.conftest import make_person
from tests.workplace.test_pages import client_of

CANARY = "CANARY-CAMERA"
BONE = "/photos/bone/S1/"
SAID = "anterior view, healed fracture"


def jpeg(size: tuple[int, int] = (600, 400), *, turned: bool = False) -> bytes:
    """A picture with a place, a camera and a comment in it; its left half is red."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x010F] = CANARY
    exif[0x0112] = 6 if turned else 1
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (39.0, 1.0, 2.0)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=CANARY.encode(), xmp=CANARY.encode())
    return out.getvalue()


def png() -> bytes:
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", CANARY)
    out = io.BytesIO()
    Image.new("RGBA", (50, 40), (0, 0, 0, 0)).save(out, "PNG", pnginfo=told)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b"")
    )


def sent(content: bytes, caption: str = SAID) -> dict[str, object]:
    # What the browser says of a file counts for nothing.
    return {"file": SimpleUploadedFile("x.exe", content, content_type="text/html"), "caption": caption}


@pytest.fixture
def anthropologist(case: str) -> Client:
    make_person("anthropologist")
    return client_of("anthropologist")


def test_a_photograph_is_added_shown_and_removed(anthropologist: Client) -> None:
    assert anthropologist.post(BONE, sent(jpeg())).status_code == 302
    row = Photo.objects.get()
    for address in (BONE, "/bench/S1/"):
        assert f'alt="{SAID}"' in anthropologist.get(address).content.decode()
    for size, width in (("picture", 600), ("thumbnail", 480)):
        response = anthropologist.get(f"/photos/{row.pk}/{size}.jpg")
        assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
        assert response["Cache-Control"] == "no-store"
        assert "img-src 'self' data:;" in response["Content-Security-Policy"] + ";"
        assert Image.open(io.BytesIO(response.content)).size == (width, width * 2 // 3)
    assert anthropologist.get(f"/photos/{row.pk}/by.jpg").status_code == 403
    assert anthropologist.post(f"/photos/{row.pk}/remove/", {"reason": " "}).status_code == 422
    assert anthropologist.post(f"/photos/{row.pk}/remove/", {"reason": "out of focus"}).status_code == 302
    assert anthropologist.get(f"/photos/{row.pk}/picture.jpg").status_code == 403
    told = LedgerEntry.objects.filter(table="photos").values_list("actor", "action", "reason")
    assert list(told) == [("anthropologist", "insert", "a photograph"), ("anthropologist", "delete", "out of focus")]
    assert verify().faults == ()


@pytest.mark.parametrize("content", [jpeg(), png()], ids=["jpeg", "png"])
def test_nothing_stays_but_the_picture(case: str, viewers: dict[str, Viewer], content: bytes) -> None:
    assert CANARY.encode() in content
    added = photos.add(viewers["anthropologist"], "specimens", "S1", content, SAID)
    for size in ("picture", "thumbnail"):
        kept = photos.picture(viewers["anthropologist"], added, size)
        assert CANARY.encode() not in kept
        image = Image.open(io.BytesIO(kept))
        assert (image.format, image.mode, dict(image.getexif())) == ("JPEG", "RGB", {})
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_turned_picture_stands_upright(case: str) -> None:
    upright = photos.read_picture(jpeg(turned=True))
    assert upright.size == (400, 600)
    assert upright.getpixel((200, 50))[0] > 200, "what was on the left is at the top"
    assert photos.read_picture(png()).getpixel((1, 1)) == (255, 255, 255), "what was open is white"


def test_a_large_picture_is_made_smaller(case: str) -> None:
    assert photos.read_picture(jpeg((6000, 1500))).size == (photos.LONGEST_SIDE, 1024)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not a whole JPEG or PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a whole JPEG or PNG"),
        (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "not a whole JPEG or PNG"),
        (jpeg()[:900], "not a whole JPEG or PNG"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "not a whole JPEG or PNG"),
        (bomb(8_000, 8_000), "too many pixels"),
        (bomb(10_000, 10_000), "too many pixels"),
        (bomb(60_000, 60_000), "too many pixels"),
        (jpeg() + bytes(photos.LARGEST_FILE), "too large"),
    ],
    ids=["nothing", "svg", "gif", "cut off", "no head", "pixels", "a bomb", "a large bomb", "bytes"],
)
def test_what_is_no_picture_is_refused_in_words(anthropologist: Client, content: bytes, told: str) -> None:
    response = anthropologist.post(BONE, sent(content) if content else {"caption": SAID})
    assert response.status_code == 422
    assert (told if content else "Choose a file first.") in response.content.decode()
    assert not Photo.objects.exists()


@pytest.mark.parametrize("cut", range(0, 2400, 150))
def test_damaged_pictures_end_in_words(case: str, cut: int) -> None:
    for whole in (jpeg((64, 64)), png()):
        damaged = bytearray(whole)
        damaged[cut % len(whole)] ^= 0xFF
        for content in (bytes(damaged), whole[: cut % len(whole)]):
            # Any other error than this one is a page that fails.
            with suppress(Unsound):
                photos.read_picture(content)


def test_it_must_be_said_what_is_to_be_seen(anthropologist: Client) -> None:
    response = anthropologist.post(BONE, sent(jpeg(), caption="  "))
    assert response.status_code == 422
    assert "say in a few words" in response.content.decode()
    marked = anthropologist.post(BONE, sent(jpeg(), caption="<b>x</b>'\""))
    assert marked.status_code == 302
    assert "<b>x" not in anthropologist.get(BONE).content.decode()


def test_who_sees_what(case: str, viewers: dict[str, Viewer]) -> None:
    bone = photos.add(viewers["odontologist"], "specimens", "S1", jpeg(), SAID)
    box = photos.add(viewers["case_manager"], "containers", "BOX1", jpeg(), "the lid, with a name on it")
    sees = {number: set() for number in (bone, box)}
    for role, viewer in viewers.items():
        for number in sees:
            try:
                photos.picture(viewer, number, "thumbnail")
                sees[number].add(role)
            except Refused:
                pass
    assert sees[bone] == {"case_manager", "authority", "anthropologist", "odontologist", "geneticist"}
    assert sees[box] == {"case_manager", "authority"}
    # Captions of bones are read by the blind: who sees names does not write them.
    for role, table, key in (
        ("case_manager", "specimens", "S1"),
        ("authority", "specimens", "S1"),
        ("geneticist", "containers", "BOX1"),
        ("reviewer", "specimens", "S1"),
        ("anthropologist", "missing", "M1"),
        ("anthropologist", "specimens", "S99"),
    ):
        with pytest.raises(Refused):
            photos.add(viewers[role], table, key, jpeg(), SAID)
    with pytest.raises(Refused):
        photos.remove(viewers["case_manager"], bone, "because")


def test_pictures_lie_sealed_and_go_with_the_key(case: str, viewers: dict[str, Viewer]) -> None:
    viewer = viewers["anthropologist"]
    added = photos.add(viewer, "specimens", "S1", jpeg(), SAID)
    row = Photo.objects.get()
    plain = base64.b64encode(photos.picture(viewer, added, "picture")).decode()
    assert plain[:60] not in row.picture
    assert SAID not in row.caption
    entry = LedgerEntry.objects.get(table="photos")
    assert row.picture[:60] not in entry.after
    assert SAID not in entry.after
    erase("specimen:S1", "the authority", "asked for by the family")
    assert photos.photos_of(viewer, "specimens", "S1") == []
    with pytest.raises(Refused, match="erased"):
        photos.picture(viewer, added, "picture")
    assert verify().faults == ()


def test_a_photographed_row_stays(case: str, viewers: dict[str, Viewer]) -> None:
    viewer = viewers["anthropologist"]
    records.add(viewer, "specimens", {"specimen_id": "S9", "element": "femur", "side": "L"})
    row = model_of("specimens").objects.get(specimen_id="S9")
    added = photos.add(viewer, "specimens", "S9", jpeg(), SAID)
    with pytest.raises(Unsound, match="photos"):
        records.remove(viewer, "specimens", row.pk, "entered by mistake")
    with pytest.raises(Unsound, match="photos"):
        records.change(viewer, "specimens", row.pk, {"specimen_id": "S10"})
    photos.remove(viewer, added, "of another bone")
    records.remove(viewer, "specimens", row.pk, "entered by mistake")


def test_photographs_are_backed_up_and_leave_the_dossier_as_it_was(
    case: str, viewers: dict[str, Viewer], tmp_path: Path
) -> None:
    viewer = viewers["anthropologist"]
    export_record(tmp_path / "before", "command line", "test")
    added = photos.add(viewer, "specimens", "S1", jpeg(), SAID)
    kept = photos.picture(viewer, added, "picture")
    export_record(tmp_path / "after", "command line", "test")
    files = sorted(p.name for p in (tmp_path / "before").iterdir())
    assert files == sorted(p.name for p in (tmp_path / "after").iterdir())
    for name in files:
        assert (tmp_path / "before" / name).read_bytes() == (tmp_path / "after" / name).read_bytes()
    proof = backup.back_up(tmp_path / "monday.cenotaph")
    assert backup.restore(tmp_path / "monday.cenotaph", f"sqlite:///{tmp_path}/new.sqlite3") == proof
    assert photos.picture(viewer, added, "picture") == kept
    with acting("test"):
        assert photos.photos_of(viewer, "specimens", "S1")[0].caption == SAID

"""Keys: one master key in a file, one key for each data subject in the database, wrapped under the master key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cenotaph.errors import CenotaphError, InvalidInput

_MARK = "cenotaph-key-1:"
_NONCE_BYTES = 12
_KEY_BYTES = 32


class WrongKey(CenotaphError):
    """What is stored does not open with this key: another key file, or the text was altered."""


def new_key() -> bytes:
    """A fresh key of 256 bits."""
    return os.urandom(_KEY_BYTES)


def ensure_key_file(path: Path) -> None:
    """Makes the key file (mode 600) where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        write_key_file(path, new_key())


def write_key_file(path: Path, key: bytes) -> None:
    """Writes *key* to a new file that only its owner may read; a file that is there already stays."""
    work = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(work, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, (_MARK + base64.b64encode(key).decode() + "\n").encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        # A link, not a rename: of two programs that start at once, the second must not replace the first one's key.
        os.link(work, path)
    except FileExistsError:
        pass
    finally:
        work.unlink()


def read_key_file(path: Path) -> bytes:
    """The master key.

    Raises:
        InvalidInput: there is no such file, or it is no key file.
    """
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise InvalidInput(
            "the key file cannot be read", found=str(path), valid="the key file of this database"
        ) from error
    except UnicodeDecodeError:
        text = ""
    try:
        key = base64.b64decode(text.removeprefix(_MARK), validate=True)
    except ValueError:
        key = b""
    if not text.startswith(_MARK) or len(key) != _KEY_BYTES:
        raise InvalidInput("not a key file", found=str(path), valid=f"a line that begins with {_MARK}")
    return key


def derived(master: bytes, purpose: str) -> str:
    """A further secret of the house, made from the master key for one purpose."""
    return hmac.new(master, f"cenotaph {purpose}".encode(), hashlib.sha256).hexdigest()


def seal(key: bytes, text: str, about: str) -> str:
    """*text* encrypted and bound to *about*: it opens nowhere else (AES-256-GCM, a fresh nonce each time).

    >>> key = bytes(32)
    >>> open_sealed(key, seal(key, "Kim", "missing:M1"), "missing:M1")
    'Kim'
    """
    nonce = os.urandom(_NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, text.encode(), about.encode())).decode()


def open_sealed(key: bytes, sealed: str, about: str) -> str:
    """The text that `seal` closed.

    Raises:
        WrongKey: the key is another, the text was altered, or it was moved from elsewhere.
    """
    try:
        data = base64.b64decode(sealed, validate=True)
        return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], about.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise WrongKey(f"{about}: the stored text does not open with this key") from error

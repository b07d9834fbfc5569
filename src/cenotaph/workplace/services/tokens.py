"""Tokens: made by the one for whom they speak, shown once, and revoked by him."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from cenotaph.workplace.ledger.context import acting, utc_now
from cenotaph.workplace.models import Token, User

PREFIX = "cenotaph_"
LIFE = timedelta(days=90)
_BYTES = 32


def make(user: User, label: str) -> str:
    """Makes a token of *user*; returns its word, which cannot be had again."""
    word = PREFIX + secrets.token_urlsafe(_BYTES)
    with acting(user.name, "a token for the API"):
        Token.objects.create(
            user=user,
            label=label,
            digest=_digest(word),
            epoch=user.session_epoch,
            made_at=utc_now(),
            ends_at=_written(datetime.now(UTC) + LIFE),
        )
    return word


def revoke(user: User, id_: int) -> None:
    """Ends a token of *user*; what is not his or has ended stays as it is."""
    with acting(user.name, "a token revoked"):
        Token.objects.filter(pk=id_, user=user, revoked_at=None).update(revoked_at=utc_now())


def open_tokens(user: User) -> list[Token]:
    """Tokens of *user* that hold, newest first."""
    own = user.tokens.filter(revoked_at=None, epoch=user.session_epoch, ends_at__gt=utc_now())
    return list(own.order_by("-id"))


def user_of(word: str) -> User | None:
    """For whom the token speaks; None where it does not hold, or not any more."""
    token = Token.objects.select_related("user").filter(digest=_digest(word), revoked_at=None).first()
    if token is None or token.ends_at <= utc_now():
        return None
    user: User = token.user
    return user if user.is_active and user.session_epoch == token.epoch else None


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode("utf-8", "surrogatepass")).hexdigest()


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

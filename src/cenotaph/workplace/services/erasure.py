"""Erasing a person: the key is destroyed, and what was encrypted under it is noise, in the record and in the ledger."""

from __future__ import annotations

from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.models import Event, Gram, SubjectKey

UNREACHED = "Backups and papers made before keep what they hold; on restoring a backup, erase again."


def erase(subject: str, actor: str, reason: str) -> str:
    """Destroys the key of a data subject, such as ``relative:F1.S``; the ledger still verifies.

    Returns:
        what the erasure cannot reach, in words.

    Raises:
        Refused: no reason is given, or there is no such subject.
    """
    if not reason.strip():
        raise Refused("erasing needs a reason")
    with acting(actor, reason.strip()):
        gone, _ = SubjectKey.objects.filter(subject=subject).delete()
        if not gone:
            raise Refused(f"no such subject: {subject}")
        Gram.objects.filter(subject=subject).delete()
        Event.objects.create(kind="erase", subject=subject, detail=UNREACHED)
    return UNREACHED

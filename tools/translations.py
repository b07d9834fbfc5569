"""Compiles the catalogues of the workplace: ``python tools/translations.py`` after a change of a ``.po`` file.

New strings are gathered by Django's ``makemessages`` in ``src/cenotaph/workplace``, which needs GNU gettext.
"""

from __future__ import annotations

from pathlib import Path

import polib

LOCALE = Path(__file__).parents[1] / "src" / "cenotaph" / "workplace" / "locale"


def compiled(catalogue: Path) -> bytes:
    """The bytes of the ``.mo`` file of a catalogue."""
    return bytes(polib.pofile(str(catalogue)).to_binary())


def main() -> None:
    """Writes every ``.mo`` beside its ``.po``."""
    for catalogue in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        catalogue.with_suffix(".mo").write_bytes(compiled(catalogue))
        found = polib.pofile(str(catalogue))
        print(f"{catalogue.parts[-3]}: {found.percent_translated()} % of {len(found)} strings")


if __name__ == "__main__":
    main()

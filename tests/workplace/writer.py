"""Writes to a record until it is killed, and says what was acknowledged. Started by ``test_kill.py``.

python -m tests.workplace.writer acts URL
python -m tests.workplace.writer load URL FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    """Waits for a line, then works."""
    from cenotaph.workplace.database import open_database

    mode, url, *more = sys.argv[1:]
    open_database(url)
    from cenotaph.workplace.ledger.context import acting
    from cenotaph.workplace.models import model_of
    from cenotaph.workplace.services.load import apply_load, plan_load

    plan = plan_load(Path(more[0])) if mode == "load" else None
    print("ready", flush=True)
    start = int(sys.stdin.readline())
    if plan is not None:
        apply_load(plan, "writer", "load")
        print("acknowledged", flush=True)
        return
    containers = model_of("containers").objects
    for number in range(start, start + 1_000_000):
        with acting("writer", f"act {number}"):  # Two rows in one act: both are there, or neither.
            containers.create(container_id=f"A{number}")
            containers.create(container_id=f"B{number}")
        print(number, flush=True)


if __name__ == "__main__":
    main()

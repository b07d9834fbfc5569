"""The worker: one process that empties the queue. Start it alone with ``python -m cenotaph.workplace.jobs.worker``."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cenotaph.errors import CenotaphError
from cenotaph.workplace.database import open_database
from cenotaph.workplace.place import Place

WAIT_S = 0.5
SHOWN_EVERY_S = 0.5
WORKER_LOCK = 0x43454E57


@contextmanager
def only_worker(place: Place) -> Iterator[bool]:
    """Whether this is the only worker of the database; the lock goes with the process, however it ends."""
    from django.db import connection

    if place.sqlite is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [WORKER_LOCK])
            yield bool(cursor.fetchone()[0])
        return
    import fcntl

    with place.sqlite.with_name(f"{place.sqlite.name}.worker").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def reporter(job_id: int) -> Callable[[str, int, int], None]:
    """A function that writes a job's progress to the database, now and then."""
    from cenotaph.workplace.models import Job

    last_at, last_step = 0.0, ""

    def show(step: str, done: int, total: int) -> None:
        nonlocal last_at, last_step
        if step == last_step and time.monotonic() - last_at < SHOWN_EVERY_S:
            return
        last_at, last_step = time.monotonic(), step
        Job.objects.filter(pk=job_id).update(step=step, done=int(done), total=int(total))

    return show


def run(job: Any) -> None:
    """Does one job and writes down how it ended."""
    from cenotaph.workplace.jobs.identify import identify
    from cenotaph.workplace.models import Job

    kinds = {"identify": identify}
    try:
        found = kinds[job.kind](json.loads(job.parameters), job.asked_by, reporter(job.pk))
    except CenotaphError as error:
        Job.objects.filter(pk=job.pk).update(state="failed", message=str(error))
    except Exception as error:
        # The text of an unforeseen error may hold cells of the record: the page gets its kind, the log its place.
        place = traceback.extract_tb(error.__traceback__)[-1]
        sys.stderr.write(f"job {job.pk}: {type(error).__name__} at {place.filename}:{place.lineno}\n")
        Job.objects.filter(pk=job.pk).update(state="failed", message=f"an error of the program: {type(error).__name__}")
    else:
        Job.objects.filter(pk=job.pk).update(state="done", step="", run_id=found)


def work(place: Place, *, parent: int | None = None, once: bool = False) -> None:
    """Empties the queue, for ever or *once*; ends when the process *parent* is no longer this one's parent."""
    from cenotaph.workplace.jobs.queue import claim, take_up_again

    with only_worker(place) as alone:
        if not alone:
            sys.stderr.write("another worker is at work on this database\n")
            return
        take_up_again()
        while parent is None or os.getppid() == parent:
            job = claim()
            if job is not None:
                run(job)
            elif once:
                return
            else:
                time.sleep(WAIT_S)


def main() -> None:
    """The program: ends with the process that started it."""
    work(open_database(), parent=os.getppid() if "--with-parent" in sys.argv else None)


if __name__ == "__main__":
    main()

"""Progress of long work, on standard error and only for a reader."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def shown(quiet: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """A function ``(step, done, of how many)`` that draws one bar per step.

    Where standard error is not a terminal every step is one line, so that a log stays readable.
    """
    if quiet:
        yield lambda step, done, total: None
        return
    if not sys.stderr.isatty():
        last = [""]

        def line(step: str, done: int, total: int) -> None:
            if step != last[0]:
                last[0] = step
                sys.stderr.write(f"{step} …\n")

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, object] = {}

        def bar(step: str, done: int, total: int) -> None:
            if step not in tasks:
                for earlier in bars.tasks:
                    bars.update(earlier.id, completed=earlier.total)
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)  # type: ignore[arg-type]

        yield bar
        for task in bars.tasks:
            bars.update(task.id, completed=task.total)

"""Ctrl-C once: come to an end with the best answer so far. Twice: stop."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer

from cenotaph.resolution.budget import Budget


@contextmanager
def ending(budget: Budget) -> Iterator[None]:
    """The first interrupt spends the budget, the second is an interrupt as ever."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        budget.stop()
        signal.signal(signal.SIGINT, before)
        typer.echo("coming to an end with the best answer so far; again to stop at once", err=True)

    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

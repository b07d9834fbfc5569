"""The first Ctrl-C spends the budget, the second interrupts."""

from __future__ import annotations

import os
import signal

import pytest

from cenotaph.cli.interrupt import ending
from cenotaph.resolution.budget import Budget


def interrupt_twice(budget: Budget) -> None:
    with ending(budget):
        os.kill(os.getpid(), signal.SIGINT)
        assert budget.is_spent()
        os.kill(os.getpid(), signal.SIGINT)


def test_first_and_second_interrupt() -> None:
    budget = Budget()
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        interrupt_twice(budget)
    assert budget.is_spent()
    assert signal.getsignal(signal.SIGINT) is before

"""How long may be spent: a deadline, or a word from outside to come to an end."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass
class Budget:
    """Asked by whatever can stop early with the best answer so far.

    Args:
        seconds: from now on; infinite by default.

    >>> Budget().is_spent(), Budget(0.0).is_spent()
    (False, True)
    """

    seconds: float = float("inf")
    stopped: bool = False
    _begin: float = field(default_factory=time.monotonic, init=False)

    def stop(self) -> None:
        """Come to an end, whatever time is left."""
        self.stopped = True

    def is_spent(self) -> bool:
        """Whether to come to an end."""
        return self.stopped or time.monotonic() - self._begin >= self.seconds

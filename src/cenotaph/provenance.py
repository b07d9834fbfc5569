"""Where a result comes from: digests of its inputs, parameters, versions, seed, timings."""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

CHUNK = 1 << 20


def sha256_of_file(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes, read in pieces of one mebibyte."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def program_version() -> str:
    """Version of the installed program.

    >>> program_version().count(".") >= 1
    True
    """
    return metadata.version("cenotaph")


@dataclass(slots=True)
class Run:
    """Record of one run, written as ``run.json``."""

    command: str
    seed: int
    parameters: Mapping[str, Any]
    inputs: dict[str, str] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    timings_s: dict[str, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    results: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add the wall time of a ``with`` block to ``timings_s[step]``."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.timings_s[step] = self.timings_s.get(step, 0.0) + time.perf_counter() - start

    def add_inputs(self, folder: Path, paths: list[Path]) -> None:
        """Record the digest of each file, named relative to *folder*."""
        for path in sorted(paths):
            self.inputs[path.relative_to(folder).as_posix()] = sha256_of_file(path)

    def as_dict(self) -> dict[str, Any]:
        """The record as plain values that JSON can carry."""
        return {
            "program": "cenotaph",
            "version": program_version(),
            "python": platform.python_version(),
            "command": self.command,
            "seed": self.seed,
            "parameters": dict(self.parameters),
            "inputs": dict(sorted(self.inputs.items())),
            "tables": dict(sorted(self.tables.items())),
            "timings_s": {k: round(v, 3) for k, v in self.timings_s.items()},
            "warnings": self.warnings,
            "results": self.results,
        }

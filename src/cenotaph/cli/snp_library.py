"""How the libraries of SNP reads were made, asked for by more than one command."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class SnpLibrary(StrEnum):
    """Of both strands of the DNA together, or of each by itself."""

    DOUBLE = "double"
    SINGLE = "single"


SnpLibraryOption = Annotated[
    SnpLibrary,
    typer.Option("--snp-library", help="Libraries that SNPs were read from: of double or of single strands."),
]

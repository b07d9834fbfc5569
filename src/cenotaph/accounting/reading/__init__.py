"""Reading a press report: proposals for the record, each tied to its sentence, for a person to accept or refuse."""

from cenotaph.accounting.reading.evaluation import Score, evaluate
from cenotaph.accounting.reading.proposals import (
    KINDS,
    Proposal,
    Reading,
    accept,
    conflicts_with_record,
    read_report,
)

__all__ = ["KINDS", "Proposal", "Reading", "Score", "accept", "conflicts_with_record", "evaluate", "read_report"]

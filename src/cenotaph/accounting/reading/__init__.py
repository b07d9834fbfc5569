"""Reading a press report: proposals for the record, each tied to its sentence, for a person to accept or refuse."""

from cenotaph.accounting.reading.acceptance import accept
from cenotaph.accounting.reading.conflicts import conflicts_with_record
from cenotaph.accounting.reading.evaluation import Score, evaluate
from cenotaph.accounting.reading.proposals import KINDS, Proposal, Reading
from cenotaph.accounting.reading.reader import read_report

__all__ = ["KINDS", "Proposal", "Reading", "Score", "accept", "conflicts_with_record", "evaluate", "read_report"]

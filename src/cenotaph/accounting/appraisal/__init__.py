"""What an option on the table is likely to yield, judged by what the record says such options yielded before."""

from cenotaph.accounting.appraisal.forecast import Appraisal, Basis, appraise
from cenotaph.accounting.appraisal.money import AssumedCost
from cenotaph.accounting.appraisal.options import MECHANISMS, Option, parse_option
from cenotaph.accounting.appraisal.rates import BETWEEN_SD, INTERVAL, Estimate
from cenotaph.accounting.appraisal.scoring import BackTest, Score, back_test

__all__ = [
    "BETWEEN_SD",
    "INTERVAL",
    "MECHANISMS",
    "Appraisal",
    "AssumedCost",
    "BackTest",
    "Basis",
    "Estimate",
    "Option",
    "Score",
    "appraise",
    "back_test",
    "parse_option",
]

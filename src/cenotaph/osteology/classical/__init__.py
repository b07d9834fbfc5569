"""Classical osteometric sorting: the published tests of OsteoSort, as its versions define them, with their traps.

These tests exclude; they never support. What each version does differently is data (`methods`); the arithmetic is
shared.
"""

from cenotaph.osteology.classical.difference import Differences, compare_differences
from cenotaph.osteology.classical.methods import METHODS, DifferenceRule, Method, SizeRule, find_method
from cenotaph.osteology.classical.sid import StatureAssociation, StatureEstimate, associate_stature, estimate_stature
from cenotaph.osteology.classical.size import SizeComparisons, compare_sizes
from cenotaph.osteology.classical.sorting import BoneTable, Sorted, sort_articulations, sort_pairs, sort_sizes

__all__ = [
    "METHODS",
    "BoneTable",
    "DifferenceRule",
    "Differences",
    "Method",
    "SizeComparisons",
    "SizeRule",
    "Sorted",
    "StatureAssociation",
    "StatureEstimate",
    "associate_stature",
    "compare_differences",
    "compare_sizes",
    "estimate_stature",
    "find_method",
    "sort_articulations",
    "sort_pairs",
    "sort_sizes",
]

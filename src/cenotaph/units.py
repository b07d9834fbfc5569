"""Conversions between the units and log bases that names carry (``log10_lr``, ``loglik``, ``stature_cm``)."""

from __future__ import annotations

import math

LN10 = math.log(10.0)
INCH_CM = 2.54


def log10_from_ln(loglik: float) -> float:
    """Natural logarithm to base ten.

    >>> round(log10_from_ln(math.log(1000.0)), 12)
    3.0
    """
    return loglik / LN10


def ln_from_log10(log10_lr: float) -> float:
    """Base ten to natural logarithm.

    >>> round(ln_from_log10(0.0), 12)
    0.0
    """
    return log10_lr * LN10


def cm_from_inches(inches: float) -> float:
    """Inches to centimetres.

    >>> cm_from_inches(70)
    177.8
    """
    return inches * INCH_CM

"""Figures in words: what a likelihood ratio, a probability and an element say to a reader."""

from __future__ import annotations

import math
import re

SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
HYPHEN_MINUS = re.compile(r"(?<![\w-])-(?=\d)")
NO_BREAK = "\N{NO-BREAK SPACE}"
SPEAKABLE = 1e15
NOTHING_LOG10 = 0.05
DISAGREES_LOG10 = 0.5
"""From here on, about three times, a line that speaks against the direction of its total is said to disagree."""

LINE_NAMES = {
    "prior": "Prior",
    "str": "Autosomal STR",
    "mtdna": "mtDNA",
    "ystr": "Y-STR",
    "snp": "SNP",
    "provenance": "Provenance",
    "origin": "Origin",
    "errors": "Shared errors",
    "resemblance": "Build",
    "dental": "Teeth",
    "clavicle": "Chest film",
    "stature": "Stature",
    "age": "Age",
    "isotopes": "Isotopes",
    "material": "Material",
    "articulation": "Articulation",
}

LINE_MEANINGS = {
    "prior": "one of all men on the roster, at the share of individuals who are on it, against nobody on the roster",
    "str": "the autosomal profile, if he is of this family, against a random member of his own population",
    "mtdna": "the maternal lineage, against a random member of his own population",
    "ystr": "the paternal lineage, against a random member of his own population",
    "snp": "SNP genotypes, if he is of this family, against a random member of his own population",
    "resemblance": "size and shape of his bones; nothing for one man of a population more than for another",
    "stature": "his bones beside his recorded stature, against a random man of his own population",
    "age": "what the bones say of age, beside his age at loss, against the ages of the roster",
    "dental": "the teeth beside his dental chart, against the mouths of the roster",
    "clavicle": "the clavicle beside his chest film, against the films of other men",
    "isotopes": "isotopes of his bones; nothing for one man of a population more than for another",
    "material": "objects with his name in the boxes, with the chance that objects move",
    "articulation": "bones that an examiner saw fit together; nothing for one man more than for another",
    "provenance": "where the boxes are said to come from, against an even roster; never counts as support",
    "origin": "his population, against the mixture of origins of somebody not on the roster",
    "errors": "what possible errors that strike several lines at once (swapped sample, wrong donor) take away",
}

GROUP_NAMES = {
    "autosomal": "autosomal",
    "mtdna": "mtDNA",
    "ystr": "Y-STR",
    "osteology": "bones",
    "dental": "teeth",
    "films": "film",
    "isotopes": "isotopes",
    "material": "objects",
}
PLURAL = frozenset({"Teeth", "Isotopes"})
SIDES = {"L": "left", "R": "right", "M": "midline", "U": "side unknown"}
PRONOUNS = {"M": ("he", "him"), "F": ("she", "her")}
"""Sex → who, whom."""
CLASSES = {
    "roster": "on the roster",
    "unlisted": "compatriot not on the roster",
    "korean": "Korean",
    "chinese": "Chinese",
    "other": "other",
    "animal": "animal",
}


def line_name(line: str) -> str:
    """Name of a line of evidence as written above its figures.

    >>> line_name("ystr"), line_name("beetle_casings")
    ('Y-STR', 'Beetle casings')
    """
    return LINE_NAMES.get(line, line.replace("_", " ").capitalize())


def times(ratio: float) -> str:
    """A number of times to one significant digit (two below 3), in words as far as they are understood.

    >>> times(41_234), times(1.58), times(2.4e9), times(9.7e5), times(3e23)
    ('40,000', '1.6', '2 billion', '1 million', '3 × 10²³')
    """
    if ratio < 3:
        return f"{ratio:.1f}".removesuffix(".0")
    exponent = math.floor(math.log10(ratio))
    digit = round(ratio / 10**exponent)
    rounded = digit * 10**exponent if digit < 10 else 10 ** (exponent + 1)
    if rounded >= SPEAKABLE:
        return power_of_ten(math.log10(ratio))
    for size, word in SCALES:
        if rounded >= size:
            return f"{rounded / size:,.0f} {word}"
    return f"{rounded:,.0f}"


def power_of_ten(log10_value: float) -> str:
    """A number given by its logarithm, to one digit.

    >>> power_of_ten(23.48), power_of_ten(400.0)
    ('3 × 10²³', '10⁴⁰⁰')
    """
    exponent = math.floor(log10_value)
    digit = round(10 ** (log10_value - exponent))
    if digit == 10:
        digit, exponent = 1, exponent + 1
    power = "10" + str(exponent).translate(SUPERSCRIPT)
    return power if digit == 1 else f"{digit} × {power}"


def likelier(log10_lr: float) -> str:
    """A likelihood ratio as "about 40,000 times more likely"; never a percentage.

    >>> likelier(4.6), likelier(-2.0), likelier(0.01), likelier(0.15)
    ('about 40,000 times more likely', 'about 100 times less likely', 'as likely either way', 'hardly more likely')
    """
    if log10_lr == -math.inf:
        return "impossible"
    size = abs(log10_lr)
    direction = "more" if log10_lr > 0 else "less"
    if size < NOTHING_LOG10:
        return "as likely either way"
    if size < math.log10(1.5):
        return f"hardly {direction} likely"
    number = times(10**size) if size < 15 else power_of_ten(size)
    return f"about {number} times {direction} likely"


def disagrees(log10_lr: float, total: float) -> bool:
    """Whether a line speaks clearly against the direction of its total: by `DISAGREES_LOG10` or more.

    >>> disagrees(-1.2, 9.4), disagrees(-0.4, 9.4), disagrees(1.2, -3.0)
    (True, False, True)
    """
    return (log10_lr if total >= 0 else -log10_lr) <= -DISAGREES_LOG10


def disagreement(line: str, log10_lr: float) -> str:
    """What a line that disagrees says, and what it compares.

    >>> disagreement("hair_colour", -1.2)
    'Hair colour disagrees (log10 LR −1.2): about 20 times less likely'
    >>> disagreement("stature", -1.2).partition("likely; ")[2]
    'it weighs his bones beside his recorded stature, against a random man of his own population'
    """
    name, meaning = line_name(line), LINE_MEANINGS.get(line)
    verb = "disagree" if name in PLURAL else "disagrees"
    said = f"{name} {verb} (log10 LR {signed(log10_lr)}): {likelier(log10_lr)}"
    return f"{said}; it weighs {meaning}" if meaning else said


def if_this_is(sex: str, name: str | None = None) -> str:
    """What a total compares, about a man already named or by name.

    >>> if_this_is("M")
    'if this is he than if he is nobody on the roster'
    >>> if_this_is("F", "Ada Hill")
    'if this is Ada Hill than if she is nobody on the roster'
    """
    subject = PRONOUNS.get(sex, ("this person", ""))[0]
    return f"if this is {name or subject} than if {subject} is nobody on the roster"


def true_minus(phrase: str) -> str:
    """A phrase whose negative numbers carry a minus, not a hyphen.

    >>> true_minus("I-S1: mtdna -2.4")
    'I-S1: mtdna −2.4'
    """
    return HYPHEN_MINUS.sub("−", phrase)


def signed(value: float) -> str:
    """A log10 figure with its sign (a true minus) and one decimal.

    >>> signed(9.34), signed(-0.04), signed(-2.06)
    ('+9.3', '0.0', '−2.1')
    """
    if math.isinf(value):
        return "−∞" if value < 0 else "+∞"
    text = f"{value:+.1f}"
    return "0.0" if float(text) == 0 else text.replace("-", "−")


def probability(p: float) -> str:
    r"""A probability with the digits that matter, never rounded to one or to nought.

    >>> [probability(p) for p in (0.99997, 0.99952, 0.9934, 0.52, 0.0004)]
    ['>\xa00.9999', '0.9995', '0.993', '0.52', '<\xa00.001']
    """
    if p > 0.9999:
        return f">{NO_BREAK}0.9999"
    if p < 0.001:
        return f"<{NO_BREAK}0.001"
    if p >= 0.9:
        # Cut, not rounded: 0.99949 must not read as if it had reached 0.9995.
        size = 10**4 if p >= 0.999 else 10**3
        return f"{math.floor(p * size + 1e-9) / size:.{len(str(size)) - 1}f}"
    return f"{p:.2f}" if p >= 0.01 else f"{p:.3f}"


def bone(element: str, side: str | None) -> str:
    """An element with its side.

    >>> bone("os_coxa", "L"), bone("metacarpal_3", "U"), bone("mandible", "M")
    ('left os coxa', 'metacarpal 3, side unknown', 'mandible')
    """
    name = element.replace("_", " ")
    if side in ("L", "R"):
        return f"{SIDES[side]} {name}"
    return f"{name}, {SIDES['U']}" if side == "U" else name


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    >>> count(1, "bone"), count(2743, "bone"), count(2, "family", "families")
    ('1 bone', '2,743 bones', '2 families')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def joined(parts: list[str]) -> str:
    """A list in words.

    >>> joined(["mtDNA"]), joined(["STR", "mtDNA", "Y-STR"])
    ('mtDNA', 'STR, mtDNA and Y-STR')
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)

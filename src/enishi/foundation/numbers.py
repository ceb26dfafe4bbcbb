"""Whole numbers as people and addresses write them."""

LONGEST = 100
"""Longer than any number that means something; Python refuses thousands of digits with an error of its own."""


def whole(text: str, first: int = 0, last: int = 2**63 - 1) -> int | None:
    """The number written here, full-width digits too; nothing for what is none or lies outside.

    >>> whole("2026", 1900, 2200), whole("３"), whole("²"), whole("-1"), whole("9" * 5000)
    (2026, 3, None, None, None)
    """
    if not text.isdecimal() or len(text) > LONGEST:
        return None
    number = int(text)
    return number if first <= number <= last else None

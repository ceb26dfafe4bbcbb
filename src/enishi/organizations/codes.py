"""The check digits of the two codes that name organisations."""

_GOVERNMENT_WEIGHTS = (6, 5, 4, 3, 2)


def government_check_digit(five_digits: str) -> str:
    """The sixth digit of a 全国地方公共団体コード.

    Source: 総務省「全国地方公共団体コード仕様」: weights 6, 5, 4, 3, 2; the last digit of 11 − (sum mod 11), or of
    11 − sum where the sum is below 11.

    >>> government_check_digit("01100")
    '2'
    """
    total = sum(weight * int(digit) for weight, digit in zip(_GOVERNMENT_WEIGHTS, five_digits, strict=True))
    return str(11 - total % 11)[-1] if total >= 11 else str(11 - total)[-1]


def is_government_code(code: str) -> bool:
    """Whether a 全国地方公共団体コード is six digits whose last one checks.

    >>> is_government_code("131016"), is_government_code("131017")
    (True, False)
    """
    return _digits(code, 6) and government_check_digit(code[:5]) == code[5]


def completed_government_code(code: str) -> str | None:
    """The six digits somebody meant who wrote five, or lost the leading zero; ``None`` when there is no telling.

    >>> completed_government_code("13101"), completed_government_code("11002"), completed_government_code("9")
    ('131016', '011002', None)
    """
    candidates = (code, f"0{code}", f"{code}?", f"0{code}?")
    completed = (
        candidate[:-1] + government_check_digit(candidate[:-1]) if candidate.endswith("?") else candidate
        for candidate in candidates
        if _digits(candidate.removesuffix("?"), 5 if candidate.endswith("?") else 6)
    )
    return next((candidate for candidate in completed if is_government_code(candidate)), None)


def corporate_check_digit(twelve_digits: str) -> str:
    """The first digit of a 法人番号.

    Source: 法人番号の指定等に関する省令第2条: 9 − (Σ Pn × Qn mod 9), n from the lowest digit, Qn = 1 for odd n, 2 for even n.

    >>> corporate_check_digit("000012010038")
    '8'
    """
    weighted = (int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(twelve_digits)))
    return str(9 - sum(weighted) % 9)


def is_corporate_number(number: str) -> bool:
    """Whether a 法人番号 is thirteen digits whose first one checks.

    >>> is_corporate_number("7123456789012"), is_corporate_number("6123456789012")
    (True, False)
    """
    return _digits(number, 13) and corporate_check_digit(number[1:]) == number[0]


def _digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi.foundation import money


@pytest.mark.parametrize(
    ("written", "yen"),
    [
        ("1200000", 1_200_000),
        ("1,200,000円", 1_200_000),
        ("１，２００，０００", 1_200_000),
        ("1,200千円", 1_200_000),
        ("120万円", 1_200_000),
        ("1.5万", 15_000),
        ("3万5千円", 35_000),
        ("1億2,000万円", 120_000_000),
        ("25百万円", 25_000_000),
        ("¥5,000", 5_000),
        ("￥5,000", 5_000),
        ("△500", -500),
        ("▲1,200千円", -1_200_000),
        ("(500)", -500),
        ("-500", -500),
        ("0", 0),
    ],
)
def test_an_amount_is_read_however_it_is_written(written: str, yen: int) -> None:
    assert money.read(written) == yen


@pytest.mark.parametrize(
    "written",
    [
        "",
        "円",
        "約100万円",
        "1.5円",
        "0.00001万円",
        "千",
        "1万2万",
        "5千3万",
        "1e9",
        "9" * 40,
        "abc",
        "1 200",
    ],
)
def test_what_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(money.UnreadableAmountError):
        money.read(written)


@given(st.integers(-(10**14), 10**14))
def test_an_amount_written_in_yen_is_read_back(yen: int) -> None:
    assert money.read(money.in_yen(yen)) == yen


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    try:
        yen = money.read(text)
    except money.UnreadableAmountError:
        return
    assert isinstance(yen, int)


@pytest.mark.parametrize(
    ("yen", "words"),
    [(1_234_499, "1,234千円"), (1_234_500, "1,235千円"), (-1_500, "△2千円"), (0, "0千円"), (-400, "0千円")],
)
def test_thousands_are_rounded_half_up(yen: int, words: str) -> None:
    assert money.in_thousands(yen) == words

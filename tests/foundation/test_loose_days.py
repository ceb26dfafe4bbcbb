import datetime as dt

import pytest

from enishi.foundation import loose_days
from enishi.foundation.wareki import UnreadableDateError


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("令和8年4月", "2026-04-01", "2026-04-30"),
        ("R9.3頃", "2027-03-01", "2027-03-31"),
        ("令和９年度", "2027-04-01", "2028-03-31"),
        ("令和9年度上半期", "2027-04-01", "2027-09-30"),
        ("R8年度第4四半期", "2027-01-01", "2027-03-31"),
        ("令和8年秋頃", "2026-09-01", "2026-11-30"),
        ("令和8年冬", "2026-12-01", "2027-02-28"),
        ("2027年", "2027-01-01", "2027-12-31"),
        ("令和8年12月中旬(予定)", "2026-12-11", "2026-12-20"),
        ("R8.4.1～", "2026-04-01", "2026-04-01"),
        ("令和8年4月〜6月", "2026-04-01", "2026-06-30"),
        ("R8.4.1~R9.3.31", "2026-04-01", "2027-03-31"),
    ],
)
def test_loose_writing_leaves_a_span(written, first, last):
    span = loose_days.read(written)

    assert (span.first, span.last) == (dt.date.fromisoformat(first), dt.date.fromisoformat(last))


def test_a_day_is_exact():
    assert loose_days.read("令和8年12月1日").is_exact


@pytest.mark.parametrize(
    "written", ["", "いつか", "令和8年13月", "8年度", "〜", "中", "令和0年", "R9.3〜R8.4", "9" * 5000]
)
def test_what_names_no_year_is_no_day(written):
    with pytest.raises(UnreadableDateError):
        loose_days.read(written)

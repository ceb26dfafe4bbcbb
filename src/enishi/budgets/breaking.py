"""What is said when more is spent than the budget allows (B2)."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from enishi.budgets.errors import RefusedError
from enishi.budgets.models import BudgetCode
from enishi.budgets.rolling import Breach
from enishi.foundation.money import yen_in_words

SHOWN = 5


def refuse_breaches(organization_id: int, fiscal_year: int, found: Sequence[Breach]) -> None:
    if not found:
        return
    paths = [breach.path for breach in found[:SHOWN]]
    codes = BudgetCode.objects.filter(
        organization_id=organization_id, fiscal_year=fiscal_year, path__in=paths
    )
    names = {code.path: code.label for code in codes}
    raise RefusedError(" ".join(in_words(breach, names) for breach in found[:SHOWN]))


def in_words(breach: Breach, names: Mapping[str, str]) -> str:
    """The code, both amounts, and what to do."""
    facts = {
        "code": f"{breach.path} {names.get(breach.path, '')}".strip(),
        "amount": yen_in_words(breach.amount),
        "limit": yen_in_words(breach.limit or 0),
    }
    sentences = {
        "no_budget": _(
            "「%(code)s」には予算(当初・補正など)の記録がないのに、執行が %(amount)s あります。先に予算を取り込んでください。"
        ),
        "commitment_over_current": _(
            "「%(code)s」の支出負担行為 %(amount)s が予算現額 %(limit)s を超えます。補正・流用・予備費の記録が先に要るか、金額の誤りです。"
        ),
        "spending_over_current": _(
            "「%(code)s」の支出 %(amount)s が予算現額 %(limit)s を超えます。補正・流用・予備費の記録が先に要るか、金額の誤りです。"
        ),
        "spending_over_commitment": _(
            "「%(code)s」の支出 %(amount)s が支出負担行為 %(limit)s を超えます。支出負担行為を先に取り込むか、金額を確かめてください。"
        ),
    }
    return sentences[breach.rule] % facts

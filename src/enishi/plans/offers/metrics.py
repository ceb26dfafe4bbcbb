"""What is counted here: logic models introduced, and evidence whose original somebody saw."""

import datetime as dt
from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.budgets.models import Programme
from enishi.engines import progress
from enishi.foundation.access import Actor
from enishi.foundation.metrics import Counted, Figure, Metric, Period, share
from enishi.foundation.metrics import register as offer
from enishi.plans.evidence import selectors as evidence
from enishi.plans.evidence.access import evidence_access
from enishi.plans.logic import calculations
from enishi.plans.models import Evidence

NOTHING = gettext_lazy("数える対象がまだありません。")
Units = Callable[[int, dt.date], list[progress.Unit]]
MOST_ROWS = 5_000


def register() -> None:
    for key, title, units, words, order in (
        (
            "plans.logic_of_programmes",
            gettext_lazy("ロジックモデル導入割合(事務事業)"),
            calculations.programme_units,
            _PROGRAMMES,
            510,
        ),
        (
            "plans.logic_of_branches",
            gettext_lazy("ロジックモデル導入割合(施策)"),
            calculations.branch_units,
            _BRANCHES,
            511,
        ),
    ):
        offer(
            Metric(
                key,
                title,
                words,
                "%",
                _figure_of(units),
                _rows_of(units),
                order=order,
                decimals=1,
            )
        )
    offer(
        Metric(
            "plans.verified_evidence",
            gettext_lazy("原典確認済の根拠の割合"),
            gettext_lazy(
                "登録した客観的根拠のうち、だれかが原典を見て一致を確かめたものの割合。不一致と原典なしは分母に残します。"
            ),
            "%",
            _verified,
            _verified_rows,
            order=512,
            decimals=1,
        )
    )


_PROGRAMMES = gettext_lazy(
    "承認済みでL1〜L5をすべて満たす(導入済)ロジックモデルのある事務事業 ÷ 基準日の年度に動いている事務事業。内部管理の事務は規則により対象から除きます。作成中と、規則を満たさないものの数を並べます。"
)
_BRANCHES = gettext_lazy(
    "承認済みでL1〜L5をすべて満たす(導入済)ロジックモデルのある施策 ÷ 施行中の計画の施策。作成中と、規則を満たさないものの数を並べます。"
)


def _figure_of(units: Units) -> Callable[[int, Period, dt.date], Figure]:
    def figure(organization_id: int, period: Period, as_of: dt.date) -> Figure:
        found = progress.logic_model_rate(units(organization_id, as_of))
        whole = len(found.valid) + len(found.drafts) + len(found.invalid) + len(found.without)
        return share(
            len(found.valid),
            whole,
            missing=NOTHING,
            beside=(
                (gettext_lazy("作成中"), str(len(found.drafts))),
                (gettext_lazy("承認済みだが規則を満たさない"), str(len(found.invalid))),
                (gettext_lazy("対象外"), str(len(found.out_of_scope))),
            ),
        )

    return figure


def _rows_of(units: Units) -> Callable[[int, Period, dt.date, Actor], Sequence[Counted]]:
    def rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
        titles = _titles(units, organization_id, as_of, actor)
        found = []
        for unit in units(organization_id, as_of):
            if unit.key not in titles or not unit.in_scope:
                continue
            title, url = titles[unit.key]
            counts = unit.state is progress.ModelState.APPROVED and not unit.failed
            note = (
                _("満たしていない規則: %(rules)s") % {"rules": _("・").join(unit.failed)}
                if unit.failed
                else unit.state.value
            )
            found.append(Counted(title, url, counts, note))
        return found[:MOST_ROWS]

    return rows


def _titles(units: Units, organization_id: int, as_of: dt.date, actor: Actor) -> dict[str, tuple[str, str]]:
    if units is calculations.programme_units:
        rows = Programme.objects.visible_to(actor).filter(organization_id=organization_id)
        return {row.uid: (str(row), row.get_absolute_url()) for row in rows}
    nodes = calculations.measures_of(organization_id, as_of)
    return {node.uid: (str(node), node.get_absolute_url()) for node in nodes}


def _verified(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    found = evidence.share_of(
        Evidence.objects.kept().filter(organization_id=organization_id).only("verification")
    )
    return share(
        found.verified,
        found.whole,
        missing=NOTHING,
        beside=(
            (gettext_lazy("未確認"), str(found.unverified)),
            (gettext_lazy("不一致"), str(found.mismatch)),
            (gettext_lazy("原典なし"), str(found.missing)),
        ),
    )


def _verified_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
    rows = (
        evidence_access.visible(actor).filter(organization_id=organization_id).order_by("verification", "pk")
    )
    return [
        Counted(str(row), row.get_absolute_url(), row.is_verified, str(row.get_verification_display()))
        for row in rows[:MOST_ROWS]
    ]

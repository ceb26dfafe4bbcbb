"""A version's tree as a table: a file that can be written on and brought back."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from enishi.budgets.models import Programme
from enishi.foundation.access import Actor
from enishi.indicators.models import Indicator
from enishi.organizations.visibility import visible_to
from enishi.plans.models import NodeIndicator, Placement, PlanVersion


def headings() -> list[str]:
    return [
        _("番号"),
        _("階層"),
        _("名称"),
        _("担当課"),
        _("対象"),
        _("意図"),
        _("結果"),
        _("住民への説明"),
        _("重み"),
        _("事業番号"),
        _("位置づけ"),
        _("指標番号"),
    ]


def rows(actor: Actor, version: PlanVersion) -> Iterator[Sequence[object]]:
    """Branches in order, indented by full-width spaces, each followed by its programmes."""
    readable = Programme.objects.filter(visible_to(actor, Programme))
    codes: dict[int, list[str]] = {}
    linked = NodeIndicator.objects.filter(
        node__version=version, indicator__in=Indicator.objects.filter(visible_to(actor, Indicator))
    )
    for node_id, code in linked.order_by("order", "pk").values_list("node_id", "indicator__code"):
        codes.setdefault(node_id, []).append(code)
    work: dict[int, list[Placement]] = {}
    placements = Placement.objects.filter(version=version, programme__in=readable)
    for placement in placements.select_related("programme__section").order_by("programme__uid"):
        work.setdefault(placement.node_id, []).append(placement)
    for node in version.nodes.select_related("level", "section").order_by("path"):
        indent = "\u3000" * (node.depth - 1)
        section = node.section.name if node.section else ""
        yield [
            node.code,
            node.level.label,
            indent + node.title,
            section,
            node.target,
            node.intent,
            node.result,
            node.plain,
            _number(node.weight),
            "",
            "",
            "、".join(codes.get(node.pk, ())),
        ]
        for placement in work.get(node.pk, ()):
            programme = placement.programme
            yield [
                "",
                _("事務事業"),
                f"{indent}\u3000{programme.title}",
                programme.section.name if programme.section else "",
                *[""] * 5,
                programme.uid,
                _("主") if placement.is_primary else _("副"),
                "",
            ]


def _number(value: Decimal | None) -> str:
    return "" if value is None else format(value.normalize(), "f")


def example() -> list[list[str]]:
    """The rows of the empty sheet that is handed out."""
    empty = [""] * 9
    return [
        ["1", _("政策"), "安心して子どもを産み育てられるまち", *empty],
        [
            "1-1",
            _("施策"),
            "\u3000子育ての相談と支え",
            _("こども課"),
            "0〜18歳の子どもと保護者",
            "ひとりで悩まない",
            "",
            "子育てで困ったときに、すぐ相談できるようにします。",
            "",
            "",
            "",
            "",
        ],
    ]

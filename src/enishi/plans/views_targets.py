"""Targets that hold only within one version of a plan: the years a council voted on, beside the municipality's own."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from enishi.accounts.signed_in import person_of
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.form_pages import titled_page
from enishi.indicators import services as indicator_services
from enishi.indicators.forms_targets import TargetForm, target_now
from enishi.indicators.models import OWN_FRAME, Target
from enishi.indicators.services.targets import target_words
from enishi.plans.access import node_access
from enishi.plans.models import NodeIndicator
from enishi.plans.pages import now, require, signed_in, way_to


@signed_in
def node_target(request: HttpRequest, pk: int) -> HttpResponse:
    """Set or move one year's target of this version; what stands now is said above the form."""
    rows = NodeIndicator.objects.filter(node__in=node_access.visible(request.user))
    row = get_object_or_404(rows.select_related("node__version__plan", "node__level", "indicator"), pk=pk)
    node, indicator = row.node, row.indicator
    require(request, "edit", node.version.plan)
    targets = list(
        Target.objects.filter(
            indicator=indicator, frame__in=[OWN_FRAME, node.version.uid], is_current=True
        ).order_by("fiscal_year")
    )
    now_set = target_now(indicator, request.GET.get("year", ""), node.version.uid)
    form = TargetForm(request.POST or None, indicator=indicator, initial=now_set)

    def save(filled: TargetForm) -> Target:
        return indicator_services.set_target(
            indicator_id=indicator.pk,
            **filled.values(),
            frame=node.version.uid,
            actor=person_of(request),
            at=now(),
        )

    return titled_page(
        request,
        form,
        save,
        title=_("「%(indicator)s」のこの計画だけの目標値") % {"indicator": indicator.name},
        lead=_said(targets, indicator, node.version.uid),
        submit=_("保存する"),
        done=_("この計画の目標値を保存しました。"),
        back=node.get_absolute_url(),
        crumbs=way_to(node.version.plan, node.version, node),
    )


def _said(targets: list[Target], indicator: Any, frame: str) -> str:
    """The years of both, so that nobody sets one without seeing the other."""
    own = [each for each in targets if each.frame == frame]
    house = [each for each in targets if each.frame == OWN_FRAME]
    lines = [
        _(
            "ここに一つでも目標値を入れると、この版の進み具合は、団体の目標値の代わりにこの版の目標値だけで判定します。"
        )
    ]
    for words, rows in ((_("この版の目標値"), own), (_("団体の目標値"), house)):
        listed = "、".join(
            f"{fiscal_year_in_words(FiscalYear(each.fiscal_year))} {target_words(each, indicator)}"
            for each in rows
        )
        lines.append(f"{words}: {listed or _('まだありません')}。")
    return " ".join(lines)

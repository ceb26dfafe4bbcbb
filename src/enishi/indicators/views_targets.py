"""Baselines and targets."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from enishi.accounts.signed_in import person_of
from enishi.foundation.form_pages import press, titled_page
from enishi.indicators import services
from enishi.indicators.forms_targets import BaselineForm, ChangeForm, TargetForm, target_now
from enishi.indicators.models import Baseline, ChangeTarget, Target
from enishi.indicators.numbers import shown
from enishi.indicators.pages import (
    now,
    require,
    signed_in,
    visible_indicator,
    way_to,
)


@signed_in
def baseline_set(request: HttpRequest, pk: int) -> HttpResponse:
    indicator = visible_indicator(request, pk)
    require(request, "edit", indicator)
    old = indicator.baselines.filter(frame="", is_current=True).first()
    initial = {"fiscal_year": old.fiscal_year, "value": shown(old.value), "basis": old.basis} if old else {}
    form = BaselineForm(request.POST or None, initial=initial, unit=indicator.unit)

    def save(filled: BaselineForm) -> Baseline:
        data = {name: filled.cleaned_data[name] for name in ("fiscal_year", "value", "basis", "reason")}
        return services.set_baseline(indicator_id=pk, **data, actor=person_of(request), at=now())

    return titled_page(
        request,
        form=form,
        save=save,
        to=indicator.get_absolute_url(),
        title=_("基準値を変える") if old else _("基準値を入れる"),
        lead=_("進捗率は、ここからの動きで計算します。"),
        submit=_("保存する"),
        done=_("基準値を保存しました。"),
        back=indicator.get_absolute_url(),
        crumbs=way_to(indicator),
    )


@signed_in
def target_set(request: HttpRequest, pk: int) -> HttpResponse:
    indicator = visible_indicator(request, pk)
    require(request, "edit", indicator)
    form = TargetForm(
        request.POST or None, indicator=indicator, initial=target_now(indicator, request.GET.get("year", ""))
    )

    def save(filled: TargetForm) -> Target:
        return services.set_target(indicator_id=pk, **filled.values(), actor=person_of(request), at=now())

    return titled_page(
        request,
        form=form,
        save=save,
        to=indicator.get_absolute_url(),
        title=_("目標値を入れる"),
        lead=_("間の年度は、前後の目標値をまっすぐ結んで「補間」と示します。"),
        submit=_("保存する"),
        done=_("目標値を保存しました。"),
        back=indicator.get_absolute_url(),
        crumbs=way_to(indicator),
    )


@signed_in
def change_set(request: HttpRequest, pk: int) -> HttpResponse:
    """A target as plans write it: 30%減らす, 毎年度5%増やす."""
    indicator = visible_indicator(request, pk)
    require(request, "edit", indicator)
    old = indicator.change_targets.filter(is_current=True).first()
    initial: dict[str, object] = {"way": "down" if indicator.direction == "DOWN" else "up"}
    if old:
        names = ("basis", "way", "measure", "fiscal_year", "words")
        initial = {name: getattr(old, name) for name in names} | {"amount": shown(old.amount)}
    form = ChangeForm(request.POST or None, initial=initial)

    def save(filled: ChangeForm) -> ChangeTarget:
        data = {name: value for name, value in filled.cleaned_data.items() if name != "token"}
        return services.set_change(indicator_id=pk, **data, actor=person_of(request), at=now())

    return titled_page(
        request,
        form=form,
        save=save,
        to=f"{indicator.get_absolute_url()}#targets",
        title=_("目標を増減で書く"),
        lead=_(
            "「基準値から30%減らす」「前の年度から5%増やす」のような目標を、もとになる値が入りしだい目標値に直します。"
        ),
        submit=_("保存する"),
        done=_("増減で書いた目標を保存しました。"),
        back=indicator.get_absolute_url(),
        crumbs=way_to(indicator),
    )


@signed_in
@require_POST
def change_drop(request: HttpRequest, pk: int) -> HttpResponse:
    indicator = visible_indicator(request, pk)
    require(request, "edit", indicator)
    return press(
        request,
        lambda: services.drop_change(indicator_id=pk, actor=person_of(request), at=now()),
        done=_("増減で書いた目標をやめました。計算済みの目標値は残ります。"),
        to=f"{indicator.get_absolute_url()}#targets",
    )

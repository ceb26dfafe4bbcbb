"""The page that says who plays 企画, 行革, 財政 and 首長・庁議."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from enishi.accounts.signed_in import person_of
from enishi.foundation.form_pages import titled_page
from enishi.indicators.forms import OfficesForm
from enishi.indicators.offices import Offices, offices_access, offices_of, set_offices
from enishi.indicators.pages import (
    list_crumb,
    now,
    own_house,
    signed_in,
)


@signed_in
def offices(request: HttpRequest) -> HttpResponse:
    house = own_house(request)
    row = offices_of(house)
    if not offices_access.allows(request.user, "edit", row or Offices(organization=house)):
        raise PermissionDenied(
            _("この設定を変えられるのは、%(owner)sの企画の人と管理者です。") % {"owner": house.name}
        )
    form = OfficesForm(request.POST or None, organization=house, row=row)

    def save(filled: OfficesForm) -> Any:
        return set_offices(organization=house, **filled.cleaned_data, actor=person_of(request), at=now())

    return titled_page(
        request,
        form=form,
        save=save,
        to=reverse("indicators:offices"),
        title=_("計画・評価・予算の役割"),
        lead=_(
            "だれが企画・行革・財政・庁議として動くかを決めます。空けておくと、役割が「企画」の人がその代わりをします。"
        ),
        submit=_("保存する"),
        done=_("役割を保存しました。"),
        back=reverse("indicators:indicator_list"),
        crumbs=[list_crumb()],
    )

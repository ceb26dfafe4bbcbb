"""What a municipality decides about its desk: targets, addresses of sections, wording, the budget year."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.signed_in import person_of
from enishi.desk import budget_calendar, forms_settings
from enishi.desk.access import desk_access
from enishi.desk.models import DeskSettings, ReplyTemplate, SectionMailbox
from enishi.desk.pages import page_under
from enishi.desk.services import settings as services
from enishi.desk.views_desk import desk_of
from enishi.foundation.form_pages import EmptyForm, form_page, formset
from enishi.organizations.models import Organization, Section


def settable_desk(request: HttpRequest) -> Organization:
    desk = desk_of(request)
    if not desk_access.allows(request.user, "settings", desk):
        raise PermissionDenied(_("窓口の設定を変えられるのは、企画の担当者と管理者です。"))
    return desk


@login_required
def settings(request: HttpRequest) -> HttpResponse:
    desk = settable_desk(request)
    row = DeskSettings.objects.filter(organization=desk).first() or DeskSettings(organization=desk)
    form = forms_settings.SettingsForm(request.POST or None, settings=row)
    return form_page(
        request,
        form,
        lambda sent: services.change_settings(
            organization=desk,
            values=sent.values(),
            version=sent.cleaned_data["version"],
            actor=person_of(request),
            at=timezone.now(),
        ),
        done=_("窓口の設定を保存しました。"),
        to=reverse("desk:settings"),
        template="desk/settings.html",
        also={"desk": desk, "templates": list(ReplyTemplate.objects.filter(organization=desk))},
    )


@login_required
def mailboxes(request: HttpRequest) -> HttpResponse:
    """Where questions to each section go by e-mail."""
    desk = settable_desk(request)
    today = timezone.localdate()
    sections = list(Section.objects.open_on(today).filter(organization=desk).order_by("code", "pk"))
    known = dict(SectionMailbox.objects.filter(section__in=sections).values_list("section_id", "email"))
    form = _mailbox_form(request, sections, known)
    return page_under(
        request,
        "desk:settings",
        None,
        form,
        lambda sent: services.set_mailboxes(
            organization=desk,
            addresses={int(name.split("_")[1]): value for name, value in sent.cleaned_data.items()},
            actor=person_of(request),
            at=timezone.now(),
        ),
        title=_("課のメールアドレス"),
        submit=_("保存する"),
        done=_("課のメールアドレスを保存しました。"),
        lead=_(
            "照会は、課の人と、ここに書いたアドレスに届きます。アカウントがなくてもメールから答えられます。"
        ),
    )


def _mailbox_form(request: HttpRequest, sections: list[Section], known: dict[int, str]) -> forms.Form:
    form = forms.Form(
        request.POST or None, initial={f"section_{key}": address for key, address in known.items()}
    )
    for section in sections:
        form.fields[f"section_{section.pk}"] = forms.EmailField(
            label=section.name,
            required=False,
            error_messages={"invalid": _("メールアドレスの形になっていません。例: fukushi@city.example.jp")},
        )
    return form


@login_required
def template_edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A wording of a reply, new or changed."""
    desk = settable_desk(request)
    row = get_object_or_404(ReplyTemplate, pk=pk, organization=desk) if pk is not None else None
    initial = {name: getattr(row, name) for name in ("title", "stage", "body", "is_active")} if row else None
    return page_under(
        request,
        "desk:settings",
        None,
        forms_settings.TemplateForm(request.POST or None, initial=initial),
        lambda form: services.save_template(
            organization=desk,
            template_id=pk,
            values=form.cleaned_data,
            actor=person_of(request),
            at=timezone.now(),
        ),
        title=_("返信のひな形"),
        submit=_("保存する"),
        done=_("ひな形を保存しました。"),
    )


@login_required
def calendar(request: HttpRequest) -> HttpResponse:
    """The municipality's own budget year."""
    desk = settable_desk(request)
    initial = [
        {
            "code": step.code,
            "label": step.label,
            "first_month": step.first[0],
            "first_day": step.first[1],
            "last_month": step.last[0],
            "last_day": step.last[1],
            "source": step.source,
        }
        for step in budget_calendar.steps_to_edit(desk.pk)
    ]
    rows = formset(request, forms_settings.StepFormSet, initial=initial)
    return page_under(
        request,
        "desk:settings",
        None,
        EmptyForm(request.POST or None),
        lambda _form: services.set_calendar(
            organization=desk,
            rows=[form.cleaned_data for form in rows if form.cleaned_data],
            actor=person_of(request),
            at=timezone.now(),
        ),
        title=_("予算暦"),
        submit=_("保存する"),
        done=_("予算暦を保存しました。"),
        template="desk/budget_calendar.html",
        rows=rows,
        desk=desk,
    )

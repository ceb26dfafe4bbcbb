"""Pages for the profiles: how the financial system's files are read, learned from a sample."""

from itertools import islice
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.budgets import services
from enishi.budgets.forms_runs import ProfileForm, SampleForm
from enishi.budgets.models import MappingProfile
from enishi.budgets.pages import budget_crumb, now, own_house, signed_in
from enishi.budgets.transfer.columns import guessed, is_known, unit_in
from enishi.budgets.transfer.joined_codes import guessed_layout
from enishi.budgets.transfer.stages import words_for
from enishi.budgets.transfer.tables import Lines, open_table, seen_headings
from enishi.foundation.form_pages import form_page, press
from enishi.foundation.spreadsheets import UnreadableTableError

TEMPLATE = "budgets/form.html"
MOST_LINES = 5_000
"""So many lines of a sample are asked which stages they name."""


@signed_in
@require_safe
def profile_list(request: HttpRequest) -> HttpResponse:
    house = own_house(request)
    profiles = MappingProfile.objects.filter(organization=house).order_by("retired_at", "name")
    return render(request, "budgets/profile_list.html", {"profiles": profiles, "house": house})


@signed_in
def profile_sample(request: HttpRequest) -> HttpResponse:
    """Bring a sample; the next page asks which of its columns is which."""
    own_house(request)
    form = SampleForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            lines = open_table(form.cleaned_data["file"], is_known)
        except UnreadableTableError as refusal:
            form.add_error("file", str(refusal))
        else:
            request.session["budget_sample"] = _learned(lines)
            return redirect("budgets:profile_new")
    context = {
        "form": form,
        "title": _("見本のファイルから読み取りの設定を作る"),
        "submit": _("見出しを読む"),
        "lead": _("財務会計システムのファイルの見出しを読み、どの列が何かを次の画面で確かめます。"),
        "crumbs": [budget_crumb(), (reverse("budgets:run_list"), _("取り込み"))],
        "cancel": reverse("budgets:run_list"),
    }
    return render(request, TEMPLATE, context, status=422 if form.is_bound else 200)


def _learned(lines: Lines) -> dict[str, Any]:
    """What the next page asks about: headings, unit, the first lines, and the stages that lines name."""
    seen = seen_headings(lines)
    places = [place for place, heading in enumerate(seen) if heading][:100]
    headings = [seen[place][:60] for place in places]
    units = [unit_in(text) for text in (*lines.above, *headings)]
    rows = [
        [cells[place] if place < len(cells) else "" for place in places]
        for _number, cells in islice(lines.rows, MOST_LINES)
    ]
    heading = guessed(headings).get("stage")
    stages = (row[headings.index(heading)][:20] for row in rows) if heading else ()
    return {
        "headings": headings,
        "unit": next((unit for unit in units if unit), 1),
        "rows": [[cell[:40] for cell in row] for row in rows[:3]],
        "stage_words": words_for(stages),
    }


@signed_in
def profile_new(request: HttpRequest) -> HttpResponse:
    """Say which column is which; what the headings suggest is chosen already."""
    house = own_house(request)
    sample = request.session.get("budget_sample")
    if not sample:
        return redirect("budgets:profile_sample")
    initial: dict[str, Any] = {
        f"column_{name}": heading for name, heading in guessed(sample["headings"]).items()
    }
    initial |= {"unit": sample["unit"], "stage_words": sample.get("stage_words", "")}
    initial["code_layout"] = _layout_of(sample, initial.get("column_whole", ""))
    form = ProfileForm(request.POST or None, initial=initial, headings=sample["headings"])
    return _profile_page(request, form, house, None, sample)


def _layout_of(sample: dict[str, Any], heading: str) -> str:
    """What the sample's own codes look like, where one column holds them whole."""
    if heading not in sample["headings"]:
        return ""
    place = sample["headings"].index(heading)
    return guessed_layout(row[place] for row in sample["rows"] if place < len(row))


@signed_in
def profile_edit(request: HttpRequest, pk: int) -> HttpResponse:
    house = own_house(request)
    profile = get_object_or_404(MappingProfile, pk=pk, organization=house)
    headings = list(dict.fromkeys(profile.columns.values()))
    initial: dict[str, Any] = {f"column_{name}": heading for name, heading in profile.columns.items()}
    initial |= {
        name: getattr(profile, name)
        for name in ("name", "unit", "account_code", "code_layout", "stage_words", "note")
    }
    form = ProfileForm(request.POST or None, initial=initial, headings=headings)
    return _profile_page(request, form, house, profile, None)


def _profile_page(
    request: HttpRequest, form: ProfileForm, house: Any, profile: MappingProfile | None, sample: Any
) -> HttpResponse:
    def save(filled: ProfileForm) -> MappingProfile:
        return services.save_profile(
            organization=house,
            values=filled.values(),
            actor=person_of(request),
            at=now(),
            profile=profile,
        )

    context = {
        "title": _("どの列が何かを決める"),
        "submit": _("保存する"),
        "lead": _("見出しから分かる列は選んであります。違うところだけ直してください。"),
        "crumbs": [budget_crumb(), (reverse("budgets:profile_list"), _("読み取りの設定"))],
        "cancel": reverse("budgets:profile_list"),
        "sample": sample,
    }
    return form_page(
        request,
        form,
        save,
        done=_("読み取りの設定を保存しました。"),
        to=lambda saved: (
            reverse("budgets:run_new_stages", args=[saved.pk]) if saved.parts else reverse("budgets:run_new")
        ),
        template="budgets/profile_form.html",
        also=context,
    )


@signed_in
@require_POST
def profile_retire(request: HttpRequest, pk: int) -> HttpResponse:
    house = own_house(request)
    get_object_or_404(MappingProfile, pk=pk, organization=house)
    return press(
        request,
        lambda: services.retire_profile(profile_id=pk, actor=person_of(request), at=now()),
        done=_("この設定を使わないことにしました。"),
        to=reverse("budgets:profile_list"),
    )

"""The scheme advisor: open to everybody, the answers stand in the address and nowhere else."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_safe

from enishi.agreements.access import agreement_access
from enishi.agreements.knowledge import data, thresholds
from enishi.agreements.scheme_facts import Place, Told, articles_of
from enishi.agreements.scheme_words import (
    compared,
    council_in_words,
    in_words,
    notice_in_words,
    told_knowledge,
    uses_in_words,
)
from enishi.desk.decisions.procurement import COUNCIL
from enishi.desk.models import DeskSettings
from enishi.engines import schemes
from enishi.engines.core.errors import InvalidInputError
from enishi.engines.schemes.model import Answer, Fact, Question
from enishi.engines.schemes.thresholds import BODIES
from enishi.foundation.forms import read_yen
from enishi.foundation.limits import limited
from enishi.organizations.visibility import reach_of

GROUPS = {
    "public_public": gettext_lazy("自治体どうし"),
    "public_private": gettext_lazy("自治体と民間"),
    "community": gettext_lazy("自治体と住民の団体"),
    "contract_form": gettext_lazy("契約の形(あわせて使う)"),
}
BODY_LABELS = {
    "prefecture": gettext_lazy("都道府県"),
    "designated_city": gettext_lazy("指定都市"),
    "city": gettext_lazy("市(特別区を含む)"),
    "town": gettext_lazy("町村"),
}
SUBJECTS = {
    "personality": gettext_lazy("法人格"),
    "authority": gettext_lazy("権限"),
    "responsibility": gettext_lazy("責任"),
    "instrument": gettext_lazy("結ぶもの"),
    "council": gettext_lazy("議会の議決"),
    "notice": gettext_lazy("告示・届出・公表"),
    "exit": pgettext_lazy("制度", "終わり方"),
    "duration": gettext_lazy("続く期間"),
    "lead_time": gettext_lazy("結ぶまでの期間"),
    "limit": gettext_lazy("限界・注意"),
    "uses": gettext_lazy("よく使われるもの"),
}


class QuestionForm(forms.Form):
    """The answer to one question, which may be skipped; an amount may be written as people write amounts."""

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.question = question
        if question.is_number:
            field: forms.Field = forms.CharField(help_text=question.help, max_length=30)
        else:
            choices = [(_code(value), label) for value, label in question.labels.items()]
            field = forms.ChoiceField(choices=choices, widget=forms.RadioSelect, help_text=question.help)
        field.label, field.required = _("答え"), False
        self.fields[question.id] = field

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        name = self.question.id
        if not cleaned.get(name) and name not in self.errors:
            self.add_error(
                name, _("答えを選んでください。分からないときは「この問いを飛ばす」を押してください。")
            )
        elif self.question.is_number and name in cleaned:
            try:
                cleaned[name] = read_number(cleaned[name])
            except ValidationError as error:
                self.add_error(name, error)
        return cleaned


def _code(value: Answer) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_number(text: str) -> int:
    """A number of yen or months, as people write it; never below nought."""
    number = read_yen(text)
    if number < 0:
        raise ValidationError(_("0以上の数を書いてください。"))
    return number


def read_answers(parameters: Mapping[str, str]) -> dict[str, Answer]:
    """The answers in the address; what cannot be one is dropped."""
    found: dict[str, Answer] = {}
    for name, question in told_knowledge().questions.items():
        text = parameters.get(name)
        if text is None:
            continue
        if question.is_number:
            try:
                found[name] = read_number(text)
            except ValidationError:
                continue
        else:
            found.update((name, value) for value in question.labels if _code(value) == text)
    return found


def address(name: str, answers: Mapping[str, Answer], **also: str) -> str:
    """A page of the advisor with the answers so far."""
    query = urlencode({key: _code(value) for key, value in answers.items()} | also)
    return f"{reverse(f'agreements:{name}')}?{query}"


@require_safe
def scheme_list(request: HttpRequest) -> HttpResponse:
    groups = [
        (
            label,
            [
                (each, uses_in_words(each))
                for each in told_knowledge().schemes.values()
                if each.group == group
            ],
        )
        for group, label in GROUPS.items()
    ]
    return render(
        request, "agreements/scheme_list.html", {"groups": groups, "count": len(told_knowledge().schemes)}
    )


@require_safe
@limited("schemes", times=240, seconds=60)
def scheme_ask(request: HttpRequest) -> HttpResponse:
    """The next question that matters; the form sends its answer to this same page."""
    answers = read_answers(request.GET)
    skipped = [name for name in request.GET.getlist("skip") if name in told_knowledge().questions]
    asked = request.GET.get("asked", "")
    form = None
    is_asked = asked in told_knowledge().questions and asked not in answers
    if is_asked and request.GET.get("then") == "next":
        form = QuestionForm(request.GET, question=told_knowledge().questions[asked])
        form.is_valid()
    name = asked if is_asked else _next(answers, skipped)
    if name is None:
        return redirect(address("scheme_advice", answers))
    question = told_knowledge().questions[name]
    context = {
        "form": form or QuestionForm(question=question),
        "question": question,
        "answers": [(key, _code(value)) for key, value in answers.items()],
        "skipped": skipped,
        "told": told_answers(answers),
        "skip_url": _skip_url(answers, [*skipped, name]),
        "advice_url": address("scheme_advice", answers) if answers else "",
        "limits": _limit_rows() if name in {"small_limit_yen", "amount_yen"} else [],
    }
    return render(request, "agreements/scheme_ask.html", context)


def _next(answers: Mapping[str, Answer], skipped: list[str]) -> str | None:
    """Skipped questions count as unanswered; where one of them would be asked again, the others have their turn."""
    name = schemes.next_question(answers, told_knowledge())
    if name not in skipped:
        return name if name is not None else _about_years(answers, skipped)
    advice = schemes.advise(answers, told_knowledge())
    return next((each for each in advice.open_questions if each not in skipped), None)


CONTRACTS = {"facility_operation", "facility_build", "outcome_service", "goods_services", "space_use"}


def _about_years(answers: Mapping[str, Answer], skipped: list[str]) -> str | None:
    """Contracts over several years need a form of their own."""
    if answers.get("object") not in CONTRACTS or answers.get("partner") != "private":
        return None
    wanted = ["multi_year", *(["multi_year_kind"] if answers.get("multi_year") is True else [])]
    return next((name for name in wanted if name not in answers and name not in skipped), None)


def _skip_url(answers: Mapping[str, Answer], skipped: list[str]) -> str:
    query = [*((key, _code(value)) for key, value in answers.items()), *(("skip", name) for name in skipped)]
    return f"{reverse('agreements:scheme_ask')}?{urlencode(query)}"


def told_answers(answers: Mapping[str, Answer]) -> list[tuple[str, str, str]]:
    """Each answer in words, and the page on which to answer it again."""
    found = []
    for name, value in answers.items():
        question = told_knowledge().questions[name]
        words = question.labels.get(value) or (f"{value:,}" if isinstance(value, int) else str(value))
        rest = {key: each for key, each in answers.items() if key != name}
        again = address("scheme_ask", rest, asked=name)
        found.append((question.ask, words, again))
    return found


@require_safe
@limited("schemes", times=240, seconds=60)
def scheme_advice(request: HttpRequest) -> HttpResponse:
    answers = read_answers(request.GET)
    try:
        advice = schemes.advise(answers, told_knowledge())
    except InvalidInputError:
        return redirect("agreements:scheme_ask")
    may_create = request.user.is_authenticated and agreement_access.allows(request.user, "create", None)
    context = {
        "advice": advice,
        "recommendations": [_shown(each) for each in advice.recommendations],
        "ruled_out": [_ruled_out(each) for each in advice.ruled_out],
        "open_questions": [
            (told_knowledge().questions[name].ask, address("scheme_ask", answers, asked=name))
            for name in advice.open_questions
        ],
        "told": told_answers(answers),
        "start_url": reverse("agreements:scheme_ask"),
        "may_create": may_create,
        "council": _council_by_amount(answers),
        "new_url": reverse("agreements:agreement_new"),
    }
    return render(request, "agreements/scheme_advice.html", context)


def _shown(each: schemes.Recommendation) -> dict[str, Any]:
    return {
        "rank": each.rank,
        "role": each.role,
        "scheme": each.scheme,
        "why": each.why,
        "rule_id": each.rule_id,
        "fitting": pgettext("並べる", "、").join(condition_in_words(result) for result in each.conditions),
        **scheme_facts(each.scheme),
    }


def scheme_facts(scheme: schemes.Scheme) -> dict[str, Any]:
    """A scheme as its page shows it."""
    return {
        "council": Told(Fact(council_in_words(scheme.council), scheme.council.citations)),
        "notice": Told(Fact(notice_in_words(scheme.notice), scheme.notice.citations)),
        "authority": Told(scheme.authority),
        "responsibility": Told(scheme.responsibility),
        "personality": Told(scheme.personality),
        "lead_time": Told(scheme.lead_time),
        "duration": Told(scheme.duration),
        "exit": Told(scheme.exit),
        "uses": uses_in_words(scheme),
        "steps": [Told(step) for step in scheme.steps],
        "further": [(label, Told(fact)) for label, fact in scheme.further],
        "articles": articles_of(scheme.citations),
        "required_terms": [Place(each) for each in scheme.required_terms],
        "group": GROUPS[scheme.group],
    }


def condition_in_words(result: schemes.ConditionResult) -> str:
    """「相手はだれですか」が「ほかの自治体」."""
    question = told_knowledge().questions[result.condition.question]
    wanted = result.condition.value
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    words = _("・").join(
        question.labels.get(value) or (f"{value:,}" if isinstance(value, int) else str(value))
        for value in values
    )
    if result.condition.operator == "le_q":
        words = told_knowledge().questions[str(wanted)].ask
    sentence = {
        "eq": _("「%(ask)s」が「%(value)s」"),
        "in": _("「%(ask)s」が「%(value)s」のどれか"),
        "ne": _("「%(ask)s」が「%(value)s」でない"),
        "gt": _("「%(ask)s」が%(value)sを超える"),
        "ge": _("「%(ask)s」が%(value)s以上"),
        "lt": _("「%(ask)s」が%(value)s未満"),
        "le": _("「%(ask)s」が%(value)s以下"),
        "le_q": _("「%(ask)s」が「%(value)s」以下"),
    }[result.condition.operator]
    return sentence % {"ask": question.ask, "value": words}


def _ruled_out(each: schemes.RuledOut) -> dict[str, Any]:
    reasons = pgettext("並べる", "、").join(condition_in_words(result) for result in each.lacking)
    sentence = {
        "unmet": _("%(what)s ではないため"),
        "unanswered": _("%(what)s とは、まだ答えていないため"),
        "later": _("先に当たる規則があるため"),
    }[each.because]
    return {"scheme": each.scheme, "why": sentence % {"what": reasons}}


def _council_by_amount(answers: Mapping[str, Answer]) -> list[tuple[Any, bool]]:
    """By kind of body, whether the council votes on a building contract of this price."""
    amount = answers.get("amount_yen") or answers.get("capex_yen")
    if answers.get("object") != "facility_build" or not isinstance(amount, int):
        return []
    floors = thresholds()["council_contract_地方自治法96条1項5号_別表第三"]
    return [(BODY_LABELS[body], schemes.council_vote_needed(amount, body, floors)) for body in BODIES]


@require_safe
def scheme_detail(request: HttpRequest, scheme_id: str) -> HttpResponse:
    scheme = _scheme(scheme_id)
    may_create = request.user.is_authenticated and agreement_access.allows(request.user, "create", None)
    context = {
        "scheme": scheme,
        "facts": scheme_facts(scheme),
        "others": [each for each in told_knowledge().schemes.values() if each.id != scheme.id],
        "may_create": may_create,
    }
    return render(request, "agreements/scheme_detail.html", context)


def _scheme(scheme_id: str) -> schemes.Scheme:
    found = told_knowledge().schemes.get(scheme_id)
    if found is None:
        raise Http404(_("その制度は見つかりません。一覧から選び直してください。"))
    return found


@require_safe
def scheme_compare(request: HttpRequest) -> HttpResponse:
    known = told_knowledge().schemes
    left = known.get(request.GET.get("left", "")) or known["jimu_itaku"]
    right = known.get(request.GET.get("right", "")) or known["renkei_kyoyaku"]
    rows = []
    for row in schemes.compare(left, right):
        one, other = compared(row, left, row.left), compared(row, right, row.right)
        told = [_both(one, other)] if row.verdict == "same" else [one, other]
        rows.append((SUBJECTS[row.subject], [Told(fact) for fact in told]))
    context = {
        "left": left,
        "right": right,
        "rows": rows,
        "schemes": list(known.values()),
        "sides": [
            (name, each, articles_of(each.citations)) for name, each in (("left", left), ("right", right))
        ],
    }
    return render(request, "agreements/scheme_compare.html", context)


def _both(one: Fact, other: Fact) -> Fact:
    """What both say, said once: by the articles of both, and no surer than the less sure of them."""
    unsure = one if not one.is_verified else other
    return replace(unsure, citations=tuple(dict.fromkeys([*one.citations, *other.citations])))


@require_safe
def article_detail(request: HttpRequest, law_id: str, number: str) -> HttpResponse:
    laws = data("law_articles")["laws"]
    name = next((name for name, law in laws.items() if law["egov_law_id"] == law_id), "")
    article = told_knowledge().articles.get((name, number))
    if article is None:
        raise Http404(_("その条文は手元にありません。法令データ提供のサイトで確かめてください。"))
    using = [
        each
        for each in told_knowledge().schemes.values()
        if any(c.key == (name, number) for c in each.citations)
    ]
    return render(request, "agreements/article_detail.html", {"article": article, "using": using})


@require_safe
def threshold_list(request: HttpRequest) -> HttpResponse:
    body = request.GET.get("body", "city")
    body = body if body in BODIES else "city"
    amount, fault = None, ""
    text = request.GET.get("amount", "").strip()
    if text:
        try:
            amount = read_number(text)
        except ValidationError as error:
            fault = " ".join(error.messages)
    settings = _own_settings(request)
    own = dict(settings.own_limits) if settings else {}
    rows = thresholds()
    small = rows["small_negotiated_contract_施行令167条の2第1項1号_別表第五"]
    councils = [
        (key, rows[name])
        for key, name in (
            (_("工事又は製造の請負(別表第三)"), "council_contract_地方自治法96条1項5号_別表第三"),
            (_("財産の取得・処分(別表第四)"), "council_property_地方自治法96条1項8号_別表第四"),
            (_("選定事業者が建設する公共施設等(PFI)"), "council_pfi_PFI法12条_施行令3条"),
        )
    ]
    context = {
        "body": body,
        "bodies": list(BODY_LABELS.items()),
        "text": text,
        "amount": amount,
        "fault": fault,
        "limits": [
            (
                in_words(limit.kind),
                limit,
                own.get(limit.kind),
                None if amount is None else amount <= min(limit.yen, own.get(limit.kind, limit.yen)),
            )
            for limit in schemes.limits_for(cast(Any, body), small)
        ],
        "own": own,
        "own_council": own.get(COUNCIL),
        "own_source": settings.own_limits_source if settings else "",
        "councils": [
            (
                label,
                floors[
                    {"prefecture": "都道府県", "designated_city": "指定都市", "city": "市", "town": "町村"}[
                        body
                    ]
                ],
                None if amount is None else schemes.council_vote_needed(amount, cast(Any, body), floors),
            )
            for label, floors in councils
        ],
        "grounds": [
            (number.removesuffix("号"), in_words(ground))
            for number, ground in rows["grounds_施行令167条の2第1項"].items()
        ],
        "source": rows["_meta"]["source"],
        "pfi": rows["pfi_priority_review"],
    }
    return render(request, "agreements/threshold_list.html", context)


def _own_settings(request: HttpRequest) -> DeskSettings | None:
    """What the reader's own house has set by rule and ordinance; nobody else's."""
    houses = reach_of(request.user).organization_ids
    return DeskSettings.objects.filter(organization_id__in=houses).order_by("pk").first() if houses else None


def _limit_rows() -> list[tuple[str, schemes.Limit]]:
    rows = thresholds()["small_negotiated_contract_施行令167条の2第1項1号_別表第五"]
    return [(in_words(limit.kind), limit) for limit in schemes.limits_for("city", rows)]

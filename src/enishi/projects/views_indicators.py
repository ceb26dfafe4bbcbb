"""Choosing a measure from the municipality's register of indicators, and entering one into it."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.form_pages import EmptyForm
from enishi.foundation.forms import clean_text
from enishi.indicators.access import indicator_access
from enishi.indicators.models import Indicator
from enishi.organizations.models import OwnedQuerySet
from enishi.projects import services
from enishi.projects.enums import MeasureKind, MeasureTier
from enishi.projects.forms import IndicatorForm
from enishi.projects.models import Measure, Project
from enishi.projects.pages import form_page, now, part_of, require, signed_in, visible_project
from enishi.projects.services.indicators import goal_in_words, shows_more

SHOWN = 30


def _choosable(request: HttpRequest, project: Project) -> OwnedQuerySet[Indicator]:
    rows = indicator_access.visible(request.user)
    return rows.filter(organization_id=project.organization_id, deleted_at__isnull=True, retired_at=None)


def _list_url(project: Project) -> str:
    return reverse("projects:measure_list", args=[project.pk])


@signed_in
@require_safe
def indicator_choose(request: HttpRequest, pk: int) -> HttpResponse:
    project = visible_project(request, pk)
    require(request, "edit", project)
    words = clean_text(request.GET.get("q", ""))[:100].split()
    rows = _choosable(request, project).select_related("section").order_by("code", "pk")
    for word in words:
        rows = rows.filter(
            Q(name__icontains=word) | Q(code__icontains=word) | Q(section__name__icontains=word)
        )
    page = Paginator(rows, SHOWN).get_page(request.GET.get("page"))
    taken = set(
        project.measures.filter(indicator__in=page.object_list).values_list("indicator_id", flat=True)
    )
    context = {"project": project, "page": page, "taken": taken, "query": " ".join(words)}
    return render(request, "projects/indicator_choose.html", context)


@signed_in
def indicator_take_up(request: HttpRequest, pk: int, indicator_pk: int) -> HttpResponse:
    project = visible_project(request, pk)
    require(request, "edit", project)
    indicator = get_object_or_404(_choosable(request, project), pk=indicator_pk)
    form = IndicatorForm(
        request.POST or None,
        shows_more=shows_more(indicator, project),
        initial={"tier": MeasureTier.EVENT, "kind": MeasureKind.OUTCOME},
    )

    def save(filled: IndicatorForm) -> Measure:
        return services.take_up_indicator(
            project_id=project.pk,
            indicator_id=indicator.pk,
            kind=MeasureKind(filled.cleaned_data["kind"]),
            tier=MeasureTier(filled.cleaned_data["tier"]),
            may_be_shown=bool(filled.cleaned_data.get("may_be_shown")),
            actor=person_of(request),
            at=now(),
        )

    return form_page(
        request,
        form=form,
        save=save,
        to=lambda measure: reverse("projects:measure_detail", args=[measure.pk]),
        title=_("指標「%(name)s」をこの事業の指標にする") % {"name": indicator.name},
        lead=_(
            "名前・数え方・単位・値は指標の台帳のものを使い、変わればここも変わります。基準値と目標(いま %(goal)s)は写して、この事業のものにします。"
        )
        % {"goal": goal_in_words(indicator, project)},
        submit=_("この事業の指標にする"),
        done=_("指標の台帳から選びました。基準値と目標を確かめてください。"),
        project=project,
        crumbs=[
            (_list_url(project), _("指標")),
            (reverse("projects:indicator_choose", args=[pk]), _("指標の台帳から選ぶ")),
        ],
        back=reverse("projects:indicator_choose", args=[pk]),
    )


@signed_in
def measure_enter(request: HttpRequest, pk: int) -> HttpResponse:
    """The page before the measure becomes one of the municipality's indicators."""
    measure, project = part_of(request, Measure.objects.all(), pk)
    require(request, "edit", project)
    here = reverse("projects:measure_detail", args=[pk])
    return form_page(
        request,
        form=EmptyForm(request.POST or None),
        save=lambda _form: services.enter_into_register(measure_id=pk, actor=person_of(request), at=now()),
        to=here,
        title=_("「%(title)s」を指標の台帳に載せる") % {"title": measure.title},
        lead=_(
            "数え方・基準値・目標と、期間ごとの最後の値を、指標の台帳に写します。値は、別の人の承認を待ちます。この事業に入れた値はそのまま残り、これからの値は台帳で入れます。"
        ),
        submit=_("台帳に載せる"),
        done=_("指標の台帳に載せました。値は台帳で承認を待っています。"),
        project=project,
        crumbs=[(_list_url(project), _("指標")), (here, measure.title)],
        back=here,
    )

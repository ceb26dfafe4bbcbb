"""What the exchange counts: challenges, whom they met, and how far introductions led."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from fractions import Fraction

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.audit.models import AuditEvent
from enishi.engines import progress
from enishi.engines.progress import Duration, Ending, Missing
from enishi.exchange.access import challenge_access
from enishi.exchange.enums import ChallengeStatus
from enishi.exchange.matches.access import contact_access
from enishi.exchange.matches.enums import ContactState
from enishi.exchange.models import Challenge, Contact, ContactNote
from enishi.foundation.access import Actor
from enishi.foundation.metrics import Counted, Figure, Metric, Period, fact, register, share

NOTHING = gettext_lazy("この期間に数えるものがありません。")
LATER = {
    ContactState.IN_DIALOGUE: ("in_dialogue", "proposed", "adopted"),
    ContactState.PROPOSED: ("proposed", "adopted"),
    ContactState.ADOPTED: ("adopted",),
}
"""A contact that is in one of these has come at least so far, even where the step itself was never written down."""

Rows = QuerySet[Contact, Contact]


def register_metrics() -> None:
    """Called once, in ``apps.ready``."""
    register(
        Metric(
            "exchange.challenges",
            gettext_lazy("公開した課題"),
            gettext_lazy("この期間に公開した課題の数。下書きと削除したものは数えません。"),
            gettext_lazy("件"),
            _challenges,
            _challenge_rows,
            order=110,
        ),
        Metric(
            "exchange.challenges_met",
            gettext_lazy("相手に出会えた課題の割合"),
            gettext_lazy("この期間に公開した課題のうち、基準日までに一件でも声かけのあった課題の割合。"),
            "%",
            _challenges_met,
            _challenge_rows,
            order=111,
            decimals=1,
        ),
        Metric(
            "exchange.introductions",
            gettext_lazy("紹介(声かけ)"),
            gettext_lazy(
                "この期間に、課題の側か資源の側のどちらかが相手に声をかけた組の数。候補のままのものは数えません。"
            ),
            gettext_lazy("件"),
            _introductions,
            _introduction_rows,
            order=112,
        ),
        *_led_to("introduced_dialogue", gettext_lazy("紹介から対話へ"), ContactState.IN_DIALOGUE, 113),
        *_led_to("introduced_proposed", gettext_lazy("紹介から提案へ"), ContactState.PROPOSED, 115),
        *_led_to("introduced_adopted", gettext_lazy("紹介から連携へ"), ContactState.ADOPTED, 117),
        Metric(
            "exchange.first_answer",
            gettext_lazy("声かけから最初の返事まで(平均)"),
            gettext_lazy(
                "この期間に声をかけた組のうち、相手から返事があったものの日数の平均。"
                "返事を待っているものも数に入れたカプラン・マイヤー法の中央値を並べます。"
            ),
            gettext_lazy("日"),
            _first_answer,
            _first_answer_rows,
            target=Decimal(14),
            order=119,
            decimals=1,
            tags=("lower-is-better",),
        ),
    )


# --- Challenges --------------------------------------------------------------------------------------------------------


def _published(organization_id: int, period: Period, as_of: dt.date) -> QuerySet[Challenge, Challenge]:
    return (
        Challenge.objects.filter(
            organization_id=organization_id,
            deleted_at__isnull=True,
            published_at__date__gte=period.first,
            published_at__date__lte=min(period.last, as_of),
        )
        .exclude(status=ChallengeStatus.DRAFT)
        .order_by("published_at", "pk")
    )


def _met(rows: QuerySet[Challenge, Challenge], as_of: dt.date) -> set[int]:
    sent = Contact.objects.sent().filter(challenge__in=rows, opened_at__date__lte=as_of)
    return set(sent.values_list("challenge_id", flat=True))


def _challenges(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    count = Decimal(_published(organization_id, period, as_of).count())
    return Figure(count, count)


def _challenges_met(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _published(organization_id, period, as_of)
    return share(len(_met(rows, as_of)), rows.count(), missing=NOTHING)


def _challenge_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    rows = _published(organization_id, period, as_of)
    met = _met(rows, as_of)
    seen = rows.filter(pk__in=challenge_access.visible(actor).values("pk"))
    return [
        Counted(row.title, row.get_absolute_url(), row.pk in met, row.get_status_display()) for row in seen
    ]


# --- Introductions -----------------------------------------------------------------------------------------------------


@fact
def _sent(organization_id: int, period: Period, as_of: dt.date) -> Rows:
    """The cohort: pairs where one side spoke to the other within the period."""
    return (
        Contact.objects.sent()
        .filter(
            Q(wanting_id=organization_id) | Q(offering_id=organization_id),
            opened_at__date__gte=period.first,
            opened_at__date__lte=min(period.last, as_of),
        )
        .order_by("opened_at", "pk")
    )


def _introductions(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    count = Decimal(len(_sent(organization_id, period, as_of)))
    return Figure(count, count)


def _introduction_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    return _told(_sent(organization_id, period, as_of), actor, None)


def _told(rows: Rows, actor: Actor, counting: Collection[int] | None) -> list[Counted]:
    seen = rows.filter(pk__in=contact_access.visible(actor).values("pk")).select_related(
        "challenge", "resource"
    )
    return [
        Counted(
            str(row), row.get_absolute_url(), counting is None or row.pk in counting, row.get_state_display()
        )
        for row in seen
    ]


def _moves(state: ContactState, first: dt.date | None, last: dt.date) -> set[int]:
    """The contacts that were moved into a state, as the record of acts tells."""
    events = AuditEvent.objects.filter(
        subject_type="exchange.contact", changes__state__1=state.value, at__date__lte=last
    )
    if first is not None:
        events = events.filter(at__date__gte=first)
    return {int(key) for key in events.values_list("subject_id", flat=True)}


def _came_to(rows: Rows, state: ContactState, as_of: dt.date) -> set[int]:
    """Of a cohort those that ever came so far, up to a day."""
    now = {
        row.pk
        for row in rows
        if row.state in LATER[state] and row.moved_at and timezone.localdate(row.moved_at) <= as_of
    }
    return now | (_moves(state, None, as_of) & {row.pk for row in rows})


def _led_to(name: str, title: Promise, state: ContactState, order: int) -> tuple[Metric, Metric]:
    """The same share twice: of those introduced in the period, and of what happened in the period."""

    def cohort(organization_id: int, period: Period, as_of: dt.date) -> Figure:
        rows = _sent(organization_id, period, as_of)
        led = len(_came_to(rows, state, as_of))
        pending = sum(row.state not in (ContactState.ADOPTED, ContactState.DECLINED) for row in rows)
        return share(led, len(rows), missing=NOTHING, beside=[(_("まだ続いているもの"), str(pending))])

    def cohort_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
        rows = _sent(organization_id, period, as_of)
        return _told(rows, actor, _came_to(rows, state, as_of))

    def _moved(organization_id: int, period: Period, as_of: dt.date) -> Rows:
        mine = Q(wanting_id=organization_id) | Q(offering_id=organization_id)
        keys = _moves(state, period.first, min(period.last, as_of))
        return Contact.objects.sent().filter(mine, pk__in=keys).order_by("opened_at", "pk")

    def in_period(organization_id: int, period: Period, as_of: dt.date) -> Figure:
        whole = len(_sent(organization_id, period, as_of))
        return share(_moved(organization_id, period, as_of).count(), whole, missing=NOTHING)

    def period_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
        moved = _moved(organization_id, period, as_of)
        either = moved | _sent(organization_id, period, as_of)
        return _told(either.distinct(), actor, set(moved.values_list("pk", flat=True)))

    label = state.label
    return (
        _share_metric(
            f"exchange.{name}",
            title,
            _lazy(
                gettext_lazy(
                    "この期間に紹介した組のうち、基準日までに「%s」まで進んだ組の割合(紹介した年で数える)。"
                ),
                label,
            ),
            cohort,
            cohort_rows,
            order,
            name,
        ),
        _share_metric(
            f"exchange.{name}_in_period",
            _lazy(gettext_lazy("%s(期間で数える)"), title),
            _lazy(
                gettext_lazy(
                    "この期間に「%s」になった組の数を、この期間の紹介の数で割ったもの。前の年に紹介した組も入ります。"
                ),
                label,
            ),
            in_period,
            period_rows,
            order + 1,
            name,
        ),
    )


def _said(words: Promise, value: object) -> str:
    return str(words) % str(value)


_lazy = lazy(_said, str)
"""A sentence with a gap, put together when it is read: in the reader's language."""


def _share_metric(
    key: str,
    title: str | Promise,
    definition: str | Promise,
    figure: Callable[[int, Period, dt.date], Figure],
    rows: Callable[[int, Period, dt.date, Actor], Sequence[Counted]],
    order: int,
    word: str,
) -> Metric:
    return Metric(
        key, title, definition, "%", figure, rows, order=order, decimals=1, tags=(f"beside:exchange.{word}",)
    )


# --- How long the first answer takes -------------------------------------------------------------------------------------


def _with_first_answer(rows: Rows) -> Rows:
    answers = (
        ContactNote.objects.filter(contact=OuterRef("pk"))
        .exclude(side=OuterRef("opened_side"))
        .order_by()
        .values("contact")
        .annotate(first=Min("written_at"))
        .values("first")
    )
    return rows.annotate(answered_at=Subquery(answers))


def _durations(rows: Rows, as_of: dt.date) -> list[Duration]:
    found = []
    for row in _with_first_answer(rows):
        begun = timezone.localdate(row.opened_at)
        answered = row.answered_at  # type: ignore[attr-defined]
        if answered is not None and timezone.localdate(answered) <= as_of:
            found.append(Duration((timezone.localdate(answered) - begun).days, Ending.DONE))
        elif row.state == ContactState.DECLINED:
            found.append(Duration(max(0, (timezone.localdate(row.moved_at) - begun).days), Ending.EXIT))
        else:
            found.append(Duration(max(0, (as_of - begun).days), Ending.PENDING))
    return found


def _first_answer(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    found = progress.waiting(_durations(_sent(organization_id, period, as_of), as_of))
    beside = [
        (_("中央値(返事のあったものだけ)"), _days(found.median.value)),
        (_("中央値(カプラン・マイヤー法)"), _days(found.kaplan_meier_median.value)),
        (_("返事待ち"), str(found.counts[Ending.PENDING])),
        (_("返事の前に見送り"), str(found.counts[Ending.EXIT])),
    ]
    mean = found.mean.value
    if isinstance(mean, Missing):
        return Figure(None, missing=NOTHING, beside=beside)
    whole, count = found.mean.numerator, found.mean.denominator
    return Figure(_decimal(mean), _decimal(whole), _decimal(count), beside=beside)


def _decimal(value: object) -> Decimal | None:
    return Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else None


def _days(value: object) -> str:
    if not isinstance(value, Fraction):
        return _("まだ言えません(半数が終わっていません)")
    return _("%(days)s日") % {"days": f"{float(value):g}"}


def _first_answer_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    rows = _sent(organization_id, period, as_of)
    answered = {
        row.pk: (timezone.localdate(row.answered_at) - timezone.localdate(row.opened_at)).days  # type: ignore[attr-defined]
        for row in _with_first_answer(rows)
        if row.answered_at is not None and timezone.localdate(row.answered_at) <= as_of  # type: ignore[attr-defined]
    }
    seen = rows.filter(pk__in=contact_access.visible(actor).values("pk")).select_related(
        "challenge", "resource"
    )
    return [
        Counted(
            str(row),
            row.get_absolute_url(),
            row.pk in answered,
            _("%(days)s日") % {"days": answered[row.pk]} if row.pk in answered else _("返事待ち"),
        )
        for row in seen
    ]

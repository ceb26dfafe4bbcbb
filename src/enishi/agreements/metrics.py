"""What the room counts: agreements active and asleep, introductions that led to one, partners, risks that came true."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.agreements import selectors
from enishi.agreements.access import agreement_access
from enishi.agreements.enums import AgreementStatus, Side, VersionState
from enishi.agreements.models import Agreement, Party, Risk
from enishi.exchange.matches.models import Contact
from enishi.foundation.access import Actor
from enishi.foundation.metrics import Counted, Figure, Metric, Period, share
from enishi.foundation.metrics import register as offer
from enishi.organizations.enums import OrganizationKind, OrganizationSize
from enishi.organizations.visibility import reach_of

COUNT, BODIES = gettext_lazy("件"), gettext_lazy("団体")
NOTHING = gettext_lazy("この期間に数えるものがありません。")


def register() -> None:
    """Called once, in ``apps.ready``."""
    offer(
        Metric(
            "agreements.active",
            gettext_lazy("締結中の協定"),
            gettext_lazy("基準日に締結中の、この団体が管理する協定の数。種類ごとの数を並べます。"),
            COUNT,
            _active,
            _active_rows,
            order=300,
        ),
        Metric(
            "agreements.asleep",
            gettext_lazy("動いていない協定の割合"),
            gettext_lazy(
                "締結中の協定のうち、最後の活動から365日を過ぎたものの割合。活動とは、締結、義務の結果、活動・事故・紛争の記録、変更の申し出と同意、更新の判断です。自動更新は数えません。"
            ),
            "%",
            _asleep,
            _asleep_rows,
            order=301,
            decimals=1,
            tags=("lower-is-better",),
        ),
        Metric(
            "agreements.from_introduction",
            gettext_lazy("紹介から協定へ(紹介した縁で見る)"),
            gettext_lazy(
                "この期間に声をかけた縁のうち、基準日までに、その縁から出た提案をもとに協定を締結したものの割合。まだ締結していないものは分母に残します。"
            ),
            "%",
            _introduced,
            _introduced_rows,
            target=Decimal(40),
            order=302,
            decimals=1,
        ),
        Metric(
            "agreements.partners",
            gettext_lazy("協定の相手(種類と規模)"),
            gettext_lazy(
                "締結中の協定の相手方の数。同じ名称の相手は、いくつ協定があっても一つと数えます。種類と規模の内訳を並べます。"
            ),
            BODIES,
            _partners,
            _partner_rows,
            order=303,
        ),
        Metric(
            "agreements.risk_occurrence",
            gettext_lazy("リスクの顕在化率(協定)"),
            gettext_lazy(
                "締結中の協定のリスク分担表にあるリスクのうち、基準日までに実際に起きたものの割合。協定のもとで進む事業で起きた分も数えます。同じリスクが二度起きても一つと数え、表にない事故は数えません。"
            ),
            "%",
            _risks,
            _risk_rows,
            order=304,
            decimals=1,
            tags=("lower-is-better",),
        ),
    )


def _in_force(organization_id: int, as_of: dt.date) -> QuerySet[Agreement, Agreement]:
    """Agreements that were concluded by that day and not over yet."""
    return Agreement.objects.filter(
        Q(status=AgreementStatus.ACTIVE) | Q(status=AgreementStatus.ENDED, ended_on__gt=as_of),
        organization_id=organization_id,
        deleted_at__isnull=True,
        signed_on__lte=as_of,
    )


def _seen(rows: QuerySet[Agreement, Agreement], actor: Actor) -> QuerySet[Agreement, Agreement]:
    return rows.filter(pk__in=agreement_access.visible(actor).values("pk")).order_by("-signed_on", "-pk")


def _active(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = list(_in_force(organization_id, as_of))
    kinds: dict[str, int] = {}
    for row in rows:
        kinds[str(row.get_kind_display())] = kinds.get(str(row.get_kind_display()), 0) + 1
    beside = [(name, _("%(count)d件") % {"count": count}) for name, count in sorted(kinds.items())]
    return Figure(Decimal(len(rows)), Decimal(len(rows)), beside=beside)


def _active_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    rows = _seen(_in_force(organization_id, as_of), actor)
    return [Counted(row.title, row.get_absolute_url(), True, row.counterparts) for row in rows]


def _sleeping(organization_id: int, as_of: dt.date) -> set[int]:
    rows = selectors.asleep(_in_force(organization_id, as_of), as_of)
    return set(rows.values_list("pk", flat=True))


def _asleep(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    whole = _in_force(organization_id, as_of).filter(status=AgreementStatus.ACTIVE)
    sleeping = _sleeping(organization_id, as_of)
    explained = whole.filter(pk__in=sleeping).exclude(asleep_reason="").count()
    beside = [(_("理由が書かれたもの"), _("%(count)d件") % {"count": explained})]
    return share(len(sleeping), whole.count(), missing=NOTHING, beside=beside)


def _asleep_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    sleeping = _sleeping(organization_id, as_of)
    rows = _seen(_in_force(organization_id, as_of).filter(status=AgreementStatus.ACTIVE), actor)
    return [
        Counted(
            row.title, row.get_absolute_url(), row.pk in sleeping, str(row.get_asleep_reason_display() or "")
        )
        for row in rows
    ]


def _contacts(organization_id: int, period: Period, as_of: dt.date) -> QuerySet[Contact, Contact]:
    return (
        Contact.objects.sent()
        .filter(
            Q(wanting_id=organization_id) | Q(offering_id=organization_id),
            opened_at__date__gte=period.first,
            opened_at__date__lte=min(period.last, as_of),
        )
        .order_by("opened_at", "pk")
    )


def _concluded(rows: QuerySet[Contact, Contact], as_of: dt.date) -> set[int]:
    """The contacts whose proposal led to a signed agreement by that day."""
    found = Agreement.objects.filter(
        proposal__contact__in=rows, signed_on__lte=as_of, deleted_at__isnull=True
    ).values_list("proposal__contact_id", flat=True)
    return {key for key in found if key}


def _introduced(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _contacts(organization_id, period, as_of)
    return share(len(_concluded(rows.order_by(), as_of)), rows.count(), missing=NOTHING)


def _introduced_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    """Contacts are read by the two sides alone."""
    if organization_id not in reach_of(actor).organization_ids:
        return []
    rows = _contacts(organization_id, period, as_of)
    concluded = _concluded(rows.order_by(), as_of)
    return [
        Counted(str(row), "", row.pk in concluded, str(row.get_state_display()))
        for row in rows.select_related("challenge", "resource")[:500]
    ]


def _signers(organization_id: int, as_of: dt.date) -> QuerySet[Party, Party]:
    return Party.objects.filter(
        version__agreement__in=_in_force(organization_id, as_of),
        version__state=VersionState.IN_FORCE,
        side=Side.PARTNER,
    )


def _partners(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    rows = _in_force(organization_id, as_of)
    count = _signers(organization_id, as_of).order_by().values("name").distinct().count()
    kinds, sizes = dict(OrganizationKind.choices), dict(OrganizationSize.choices)
    beside = [
        (str(kinds.get(kind, _("種類の記載なし"))), str(n)) for kind, n in selectors.partners_by(rows, "kind")
    ] + [
        (str(sizes.get(size, _("規模の記載なし"))), str(n)) for size, n in selectors.partners_by(rows, "size")
    ]
    return Figure(Decimal(count), Decimal(count), beside=beside)


def _partner_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> Sequence[Counted]:
    seen = _signers(organization_id, as_of).filter(version__agreement__in=agreement_access.visible(actor))
    rows = seen.select_related("version__agreement").order_by("name", "pk")[:1_000]
    return [
        Counted(row.name, row.version.agreement.get_absolute_url(), True, row.version.agreement.title)
        for row in rows
    ]


def _risks(organization_id: int, period: Period, as_of: dt.date) -> Figure:
    found = selectors.risk_occurrence(_in_force(organization_id, as_of).values("pk"))
    return share(found.happened, found.listed, missing=NOTHING)


def _risk_rows(organization_id: int, period: Period, as_of: dt.date, actor: Actor) -> list[Counted]:
    """Risk tables are read inside: by the keeper's people."""
    if organization_id not in reach_of(actor).organization_ids:
        return []
    rows = _in_force(organization_id, as_of).filter(pk__in=agreement_access.visible(actor).values("pk"))
    happened = selectors.risks_that_came_true(rows.values("pk"))
    risks = Risk.objects.filter(version__agreement__in=rows, version__state=VersionState.IN_FORCE)
    return [
        Counted(
            f"{risk.version.agreement.title} — {risk}",
            risk.version.agreement.get_absolute_url(),
            (risk.version.agreement_id, risk.key) in happened,
        )
        for risk in risks.select_related("version__agreement").order_by("version_id", "order")[:2_000]
    ]

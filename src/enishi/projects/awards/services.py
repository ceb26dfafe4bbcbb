"""Calls, entries, scores and results. Votes are in ``voting``."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.organizations.models import Membership, Organization
from enishi.projects.awards.access import award_access, is_partial, may_enter
from enishi.projects.awards.enums import CallStatus, Method
from enishi.projects.awards.models import AwardCall, AwardEntry, AwardJuror, AwardScore
from enishi.projects.errors import RefusedError
from enishi.projects.models import Project
from enishi.projects.services.writing import assign, require_version

WRITABLE = (
    "title",
    "purpose",
    "method",
    "entries_from",
    "entries_until",
    "judging_from",
    "judging_until",
    "prizes",
)
MOST_CRITERIA = 8
MOST_POINTS = 5
USUAL_CRITERIA = ("住民への効果", "新しさ", "続けられる見込み", "ほかの地域への広がり")


@transaction.atomic
def write_call(
    *,
    values: Mapping[str, Any],
    actor: Person,
    at: dt.datetime,
    organization: Organization | None = None,
    call_id: int | None = None,
    version: int = 0,
    criteria: Sequence[str] = (),
    is_demo: bool = False,
) -> AwardCall:
    """Prepare a call, or change one whose results are not out yet."""
    if call_id is None:
        assert organization is not None
        award_access.require(actor, "create", organization)  # type: ignore[arg-type]
        call = AwardCall(organization=organization, created_at=at, version=0, is_demo=is_demo)
    else:
        call = AwardCall.objects.select_for_update().get(pk=call_id)
        award_access.require(actor, "hold", call)
        require_version(call, version)
        if call.status in {CallStatus.ANNOUNCED, CallStatus.CANCELLED}:
            raise RefusedError(_("結果を発表したアワード、取りやめたアワードは書き換えられません。"))
    before = trail.values(call) if call.pk else {}
    had_votes = call.pk is not None and (
        call.ballots.exists() or AwardScore.objects.filter(entry__call=call).exists()
    )
    if had_votes and str(values.get("method", call.method)) != call.method:
        raise RefusedError(_("投票や採点が始まってから、選び方は変えられません。"))
    assign(call, values, WRITABLE)
    _require_order(call)
    names = [clean_text(name).strip()[:60] for name in criteria if name.strip()]
    if not had_votes:
        call.criteria = list(dict.fromkeys(names))[:MOST_CRITERIA] or list(USUAL_CRITERIA)
    call.version += 1
    _save(call, actor, at)
    changes = trail.differences(before, trail.values(call)) if before else {}
    _note(call, "edit" if before else "create", actor, at, changes)
    return call


def _require_order(call: AwardCall) -> None:
    order = [
        ("entries_until", call.entries_until < call.entries_from, _("応募の締切は、始まりより後の日にしてください。")),
        ("judging_from", call.judging_from < call.entries_from, _("投票・審査は、応募が始まってからにしてください。")),
        ("judging_until", call.judging_until < call.judging_from, _("投票・審査の締切は、始まりより後の日にしてください。")),
        ("judging_until", call.judging_until < call.entries_until, _("投票・審査の締切は、応募の締切より後の日にしてください。")),
        ("prizes", not 1 <= call.prizes <= 20, _("選ぶ数は1から20までで書いてください。")),
    ]  # fmt: skip
    found = {name: sentence for name, wrong, sentence in order if wrong}
    if found:
        raise ValidationError(found)


@transaction.atomic
def open_call(*, call_id: int, actor: Person, at: dt.datetime) -> AwardCall:
    call = _held(call_id, actor)
    if call.status != CallStatus.DRAFT:
        raise RefusedError(_("準備中のアワードだけを始められます。"))
    if Method(call.method).has_jury and not call.jurors.exists():
        raise RefusedError(_("審査員で選ぶアワードです。先に審査員を一人以上決めてください。"))
    return _moved(call, CallStatus.OPEN, "publish", actor, at)


@transaction.atomic
def cancel_call(*, call_id: int, actor: Person, at: dt.datetime) -> AwardCall:
    call = _held(call_id, actor)
    if call.status == CallStatus.ANNOUNCED:
        raise RefusedError(_("結果を発表したアワードは取りやめられません。"))
    return _moved(call, CallStatus.CANCELLED, "cancel", actor, at)


@transaction.atomic
def announce(*, call_id: int, remarks: str, actor: Person, at: dt.datetime) -> AwardCall:
    """Tell the results, once voting and scoring are over."""
    call = _held(call_id, actor)
    if call.status != CallStatus.OPEN:
        raise RefusedError(_("募集・投票中のアワードだけが、結果を発表できます。"))
    if timezone.localdate(at) <= call.judging_until:
        raise RefusedError(_("投票・審査の締切を過ぎてから発表してください。"))
    if not call.entries.filter(withdrawn_at__isnull=True).exists():
        raise RefusedError(_("応募がありません。取りやめるか、期間を延ばしてください。"))
    call.remarks = clean_text(remarks, lines=True).strip()[:4_000]
    call.announced_at = at
    return _moved(call, CallStatus.ANNOUNCED, "announce", actor, at)


def _held(call_id: int, actor: Person) -> AwardCall:
    call = AwardCall.objects.select_for_update().get(pk=call_id)
    award_access.require(actor, "hold", call)
    return call


def _moved(call: AwardCall, status: CallStatus, action: str, actor: Person, at: dt.datetime) -> AwardCall:
    before = call.status
    call.status = status
    call.version += 1
    _save(call, actor, at)
    _note(call, action, actor, at, {"status": (before, call.status)})
    return call


def _save(call: AwardCall, actor: Person, at: dt.datetime) -> None:
    call.updated_at, call.updated_by = at, actor
    call.save()


# --- Entries -----------------------------------------------------------------------------------------------------------------


@transaction.atomic
def enter(
    *, call_id: int, project_id: int, values: Mapping[str, str], actor: Person, at: dt.datetime
) -> AwardEntry:
    """Enter a project. What is written here is public from now on."""
    call = AwardCall.objects.select_for_update().get(pk=call_id)
    award_access.require(actor, "view", call)
    project = Project.objects.get(pk=project_id)
    if not may_enter(actor, project):
        raise RefusedError(_("応募できるのは、事業に参加している団体の担当の人です。"))
    if not call.takes_entries(timezone.localdate(at)):
        raise RefusedError(_("いまは応募を受け付けていません。応募の期間を確かめてください。"))
    if project.status not in {"running", "completed"}:
        raise RefusedError(_("応募できるのは、実施中か完了した事業です。"))
    known = AwardEntry.objects.filter(call=call, project=project).first()
    if known is not None and known.withdrawn_at is None:
        raise RefusedError(_("この事業は、もう応募しています。"))
    entry = known or AwardEntry(call=call, project=project)
    for name, lines in (("title", False), ("appeal", True), ("team", False)):
        column: Any = AwardEntry._meta.get_field(name)
        text = clean_text(values.get(name, ""), lines=lines).strip()[: column.max_length]
        if not text:
            raise RefusedError(_("見出し・伝えたいこと・取り組んだ人たちは、すべて書いてください。"))
        setattr(entry, name, text)
    entry.entered_by, entry.entered_at, entry.withdrawn_at = actor, at, None
    entry.save()
    _note(call, "enter", actor, at, note=entry.title)
    return entry


@transaction.atomic
def withdraw_entry(*, entry_id: int, actor: Person, at: dt.datetime) -> AwardEntry:
    entry = (
        AwardEntry.objects.select_for_update(of=("self",)).select_related("call", "project").get(pk=entry_id)
    )
    if not may_enter(actor, entry.project):
        raise RefusedError(_("取り下げられるのは、応募した事業の担当の人です。"))
    if entry.call.status != CallStatus.OPEN or timezone.localdate(at) > entry.call.judging_until:
        raise RefusedError(_("投票・審査が終わってからは取り下げられません。主催者に相談してください。"))
    entry.withdrawn_at = at
    entry.save(update_fields=["withdrawn_at"])
    _note(entry.call, "withdraw_entry", actor, at, note=entry.title)
    return entry


# --- The jury ------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def set_jurors(*, call_id: int, persons: Sequence[Person], actor: Person, at: dt.datetime) -> None:
    """Name the jury. One who has scored stays."""
    call = _held(call_id, actor)
    wanted = {person.pk for person in persons if person.is_active}
    fixed = set(AwardScore.objects.filter(juror__call=call).values_list("juror__person_id", flat=True))
    call.jurors.exclude(person_id__in=wanted | fixed).delete()
    known = set(call.jurors.values_list("person_id", flat=True))
    AwardJuror.objects.bulk_create(
        AwardJuror(call=call, person_id=pk, added_at=at) for pk in sorted(wanted - known)
    )
    _note(call, "set_jurors", actor, at)


def possible_jurors(call_or_house: Organization, at: dt.datetime) -> list[Person]:
    places = Membership.objects.current(timezone.localdate(at)).filter(organization=call_or_house)
    keys = places.exclude(role="resident").values("person_id")
    return list(Person.objects.filter(pk__in=keys, is_active=True).order_by("kana", "pk"))


@transaction.atomic
def score(
    *, entry_id: int, points: Sequence[int], comment: str, actor: Person, at: dt.datetime
) -> AwardScore:
    """A juror's points; once more replaces them until judging is over. Nobody scores what their own house made."""
    entry = AwardEntry.objects.select_related("call", "project").get(pk=entry_id)
    call = AwardCall.objects.select_for_update().get(pk=entry.call_id)
    award_access.require(actor, "score", call)
    if not Method(call.method).has_jury or not call.is_judged(timezone.localdate(at)):
        raise RefusedError(_("いまは審査の期間ではありません。"))
    if entry.withdrawn_at is not None:
        raise RefusedError(_("この応募は取り下げられました。"))
    if is_partial(actor, entry):
        raise RefusedError(_("ご自分の団体がかかわった事業は採点できません。ほかの審査員の点で決まります。"))
    if len(points) != len(call.criteria) or any(not 1 <= each <= MOST_POINTS for each in points):
        raise RefusedError(_("すべての観点に1から%(most)dまでの点を付けてください。") % {"most": MOST_POINTS})
    juror = AwardJuror.objects.get(call=call, person=actor)
    row, _new = AwardScore.objects.update_or_create(
        entry=entry,
        juror=juror,
        defaults={
            "points": list(points),
            "total": sum(points),
            "comment": clean_text(comment).strip()[:500],
            "scored_at": at,
        },
    )
    _note(call, "score", actor, at, note=entry.title)
    return row


def _note(
    call: AwardCall,
    action: str,
    actor: Person,
    at: dt.datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    note: str = "",
) -> None:
    trail.record(
        trail.Act(
            actor, action, call, at, organization_id=call.organization_id, changes=changes or {}, note=note
        )
    )

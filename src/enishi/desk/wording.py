"""Where a proposal stands, in the words of whoever made it."""

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from enishi.desk.enums import ENDED_STATUSES, ProposalStatus
from enishi.desk.models import Proposal
from enishi.engines.progress.durations import Ending
from enishi.foundation.days import day_in_words
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import spoken

S = ProposalStatus
WAY = (S.RECEIVED, S.CHECKING, S.CONSULTING, S.IN_DIALOGUE, S.REVIEWING)

_MEANS: dict[ProposalStatus, Promise] = {
    S.DRAFT: gettext_lazy("まだ送られていません。"),
    S.RECEIVED: gettext_lazy("窓口に届きました。担当者がこれから読みます。"),
    S.CHECKING: gettext_lazy("窓口の担当者が内容を読み、どの課に関わるかを確かめています。"),
    S.CONSULTING: gettext_lazy("関わりのある課に、関心があるか、できそうかを聞いています。"),
    S.IN_DIALOGUE: gettext_lazy("関心を持った課と、話し合いながら中身を詰める段階です。"),
    S.REVIEWING: gettext_lazy("決められた基準で審査しています。"),
    S.ADOPTED: gettext_lazy("採択されました。これから協定や契約の準備に進みます。"),
    S.TRIAL: gettext_lazy("まず実証として試すことになりました。"),
    S.DECLINED: gettext_lazy("今回は見送りとなりました。"),
    S.WITHDRAWN: gettext_lazy("取り下げられました。"),
}

_NEXT: dict[ProposalStatus, Promise] = {
    S.DRAFT: gettext_lazy("内容を確かめて送ると、受付番号が付きます。"),
    S.RECEIVED: gettext_lazy("次は、内容の確認を始めます。"),
    S.CHECKING: gettext_lazy("次は、関わりのある課への照会か、お話を聞く段階に進みます。"),
    S.CONSULTING: gettext_lazy("次は、課の回答をまとめて、対話に進むかどうかをお知らせします。"),
    S.IN_DIALOGUE: gettext_lazy("次は、話し合いの結果をまとめて、審査または決定に進みます。"),
    S.REVIEWING: gettext_lazy("次は、結果と理由をお知らせします。"),
    S.ADOPTED: gettext_lazy("次は、担当者から協定や契約の進め方をご連絡します。"),
    S.TRIAL: gettext_lazy("次は、担当者から実証の進め方をご連絡します。"),
    S.DECLINED: gettext_lazy("理由をご覧ください。別の形での提案も受け付けています。"),
    S.WITHDRAWN: gettext_lazy("もう一度提案するときは、新しい提案としてお送りください。"),
}


@dataclass(frozen=True)
class Step:
    """One stage on the status page; ``state`` is ``done``, ``here`` or ``ahead``."""

    label: str
    state: str
    on: dt.date | None = None
    means: str | Promise = ""


def stage_in_words(stage: ProposalStatus) -> Promise:
    return _MEANS[stage]


def next_in_words(proposal: Proposal) -> str:
    """What happens next, and by when as far as a day is aimed at."""
    sentence = spoken(_NEXT[proposal.stage])
    if proposal.stage_due_on is None:
        return sentence
    return _("%(next)s目安は%(day)sまでです。") % {
        "next": sentence,
        "day": day_in_words(proposal.stage_due_on),
    }


def tells_reason(before: ProposalStatus, after: ProposalStatus) -> bool:
    """The reason goes to the proposer where something ended or went back."""
    return after in ENDED_STATUSES or (
        before in WAY and after in WAY and WAY.index(after) < WAY.index(before)
    )


def steps_of(proposal: Proposal, entered: dict[str, dt.date]) -> list[Step]:
    """The way from receipt to the decision, with the day each stage began."""
    here = proposal.stage
    stages: list[ProposalStatus] = [*WAY]
    ending = here if here not in WAY and here != S.DRAFT else None
    found = [
        Step(
            str(stage.label),
            "here" if stage == here else "done" if stage in entered else "skipped" if ending else "ahead",
            entered.get(stage),
            _MEANS[stage] if stage == here else "",
        )
        for stage in stages
    ]
    if ending:
        found.append(Step(str(ending.label), "here", entered.get(ending), _MEANS[ending]))
    else:
        found.append(Step(_("結果(採択・実証・不採択)"), "ahead"))
    return found


ENDINGS = {
    Ending.DONE: gettext_lazy("実現"),
    Ending.PENDING: gettext_lazy("継続中"),
    Ending.EXIT: gettext_lazy("離脱"),
}


def ending_in_words(ending: Ending) -> str:
    return str(ENDINGS[ending])

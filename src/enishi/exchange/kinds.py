"""The two kinds of record seen by pages: which model, which words, which steps, which services."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.exchange import services
from enishi.exchange.access import RecordAccess, challenge_access, resource_access
from enishi.exchange.enums import ChallengeStatus, RecordKind, ResourceStatus
from enishi.exchange.models import Challenge, Resource
from enishi.exchange.services import challenges, resources

Words = str | Promise


@dataclass(frozen=True)
class StepOf:
    """One page of a long form: its place in the address, its name, what it asks."""

    slug: str
    label: Words
    names: tuple[str, ...] = ()
    lead: Words = ""


CHALLENGE_STEPS = (
    StepOf(
        "trouble",
        _("困りごと"),
        ("title", "sufferers", "present_state", "figures", "tried"),
        _("だれが、何に、どれくらい困っているかを書きます。解決のしかたはまだ書かなくて大丈夫です。"),
    ),
    StepOf(
        "goal",
        _("めざす姿"),
        ("desired_state", "success_measure", "means_considered"),
        _("どうなったら「よくなった」と言えるかを書きます。"),
    ),
    StepOf(
        "seek",
        _("分野と求めるもの"),
        ("fields", "resource_kinds", "areas"),
        _("相手が見つけやすくなります。"),
    ),
    StepOf(
        "terms",
        _("お金と時期"),
        (
            "budget_min_yen",
            "budget_max_yen",
            "budget_note",
            "window_from",
            "window_to",
            "due_on",
            "conditions",
            "shareable_data",
        ),
        _(
            "いつ、どんな枠で受け入れられるかが分かると、的外れな提案が減ります。予算がなければ 0 と書けます。"
        ),
    ),
    StepOf(
        "share",
        _("公開範囲と連絡先"),
        ("pitch", "section", "contact_name", "visibility", "parties"),
        _("だれに読んでもらうかを選びます。"),
    ),
)
RESOURCE_STEPS = (
    StepOf(
        "offer",
        _("できること"),
        ("title", "kinds", "offer", "capacity", "track_record"),
        _("だれに、何を、どのように提供できるかを書きます。"),
    ),
    StepOf("reach", _("分野と地域"), ("fields", "is_nationwide", "areas"), _("相手が見つけやすくなります。")),
    StepOf(
        "terms",
        _("時期と費用"),
        (
            "window_from",
            "window_to",
            "cost_terms",
            "cost_min_yen",
            "cost_max_yen",
            "cost_note",
            "conditions",
        ),
        _("いつから、いくらで、どんな条件で提供できるかを書きます。"),
    ),
    StepOf(
        "share",
        _("公開範囲と連絡先"),
        ("section", "contact_name", "visibility", "parties", "expires_on"),
        _("だれに読んでもらうかを選びます。"),
    ),
)
QUESTIONS = (
    StepOf(
        "who",
        _("だれが"),
        ("sufferers", "present_state"),
        _("だれが、どんなときに困っていますか。その人の一日や一年を思いうかべて、書き足してください。"),
    ),
    StepOf("where", _("どこで"), ("areas",), _("どの地域で起きていますか。")),
    StepOf(
        "howmuch",
        _("どれくらい"),
        ("figures",),
        _("いま、どれくらいですか。数字と、その出どころを書いてください。正確でなくても「約」で構いません。"),
    ),
    StepOf(
        "tried",
        _("試したこと"),
        ("tried",),
        _("これまでに何を試し、どうなりましたか。続かなかった理由があれば、それも教えてください。"),
    ),
    StepOf(
        "limits",
        _("制約"),
        ("conditions",),
        _("守らなければならないこと、できないことは何ですか(法令、人手、場所、住民との約束)。"),
    ),
    StepOf(
        "data",
        _("渡せるデータ"),
        ("shareable_data",),
        _("相手に見せられる資料やデータはありますか。個人情報が入るものは、その旨を書いてください。"),
    ),
    StepOf(
        "budget",
        _("予算と時期"),
        ("budget_note", "budget_min_yen", "budget_max_yen", "window_from", "window_to"),
        _(
            "どの予算の枠で、いつから受け入れられますか。予算がまだなければ 0 と書き、いつ要求できるかを補足してください。"
        ),
    ),
    StepOf(
        "success",
        _("めざす姿"),
        ("desired_state", "success_measure"),
        _("どうなったらうまくいったと言えますか。はかり方と目標の数を書いてください。"),
    ),
    StepOf(
        "similar",
        _("ほかの町"),
        (),
        _("同じように困っている町を見てみましょう。どう終わったかが、相手さがしの手がかりになります。"),
    ),
    StepOf(
        "finish",
        _("仕上げ"),
        ("title", "pitch", "fields", "resource_kinds", "section", "contact_name", "visibility", "parties"),
        _("題名を整え、だれに読んでもらうかを選べば、公開の準備ができます。"),
    ),
)


@dataclass(frozen=True)
class Kind:
    """What a page must know to work for challenges and for resources alike."""

    record: RecordKind
    model: type[Challenge] | type[Resource]
    access: RecordAccess[Any]
    steps: tuple[StepOf, ...]
    plural: Words
    create_label: Words
    statuses: type[ChallengeStatus] | type[ResourceStatus]
    next_statuses: Mapping[Any, tuple[Any, ...]]

    @property
    def name(self) -> str:
        return self.record.value

    def url(self, page: str, *args: Any) -> str:
        return reverse(f"exchange:{self.name}_{page}", args=args)

    def create(self, *, organization: Any, values: Any, actor: Person, at: dt.datetime) -> Any:
        make: Callable[..., Any] = (
            services.create_challenge if self.model is Challenge else services.create_resource
        )
        return make(organization=organization, values=values, actor=actor, at=at)

    def edit(self, *, pk: int, values: Any, version: int, actor: Person, at: dt.datetime) -> Any:
        if self.model is Challenge:
            return services.edit_challenge(
                challenge_id=pk, values=values, version=version, actor=actor, at=at
            )
        return services.edit_resource(resource_id=pk, values=values, version=version, actor=actor, at=at)

    def publish(self, *, pk: int, actor: Person, at: dt.datetime) -> Any:
        if self.model is Challenge:
            return services.publish_challenge(challenge_id=pk, actor=actor, at=at)
        return services.publish_resource(resource_id=pk, actor=actor, at=at)

    def change_status(self, *, pk: int, status: Any, reason: str, actor: Person, at: dt.datetime) -> Any:
        if self.model is Challenge:
            return services.change_status(challenge_id=pk, status=status, reason=reason, actor=actor, at=at)
        return services.change_resource_status(
            resource_id=pk, status=status, reason=reason, actor=actor, at=at
        )

    def delete(self, *, pk: int, actor: Person, at: dt.datetime) -> Any:
        if self.model is Challenge:
            return services.delete_challenge(challenge_id=pk, actor=actor, at=at)
        return services.delete_resource(resource_id=pk, actor=actor, at=at)

    def restore(self, *, pk: int, actor: Person, at: dt.datetime) -> Any:
        if self.model is Challenge:
            return services.restore_challenge(challenge_id=pk, actor=actor, at=at)
        return services.restore_resource(resource_id=pk, actor=actor, at=at)


CHALLENGE = Kind(
    record=RecordKind.CHALLENGE,
    model=Challenge,
    access=challenge_access,
    steps=CHALLENGE_STEPS,
    plural=_("課題"),
    create_label=_("課題を書く"),
    statuses=ChallengeStatus,
    next_statuses=challenges.NEXT,
)
RESOURCE = Kind(
    record=RecordKind.RESOURCE,
    model=Resource,
    access=resource_access,
    steps=RESOURCE_STEPS,
    plural=_("地域資源"),
    create_label=_("資源を登録する"),
    statuses=ResourceStatus,
    next_statuses=resources.NEXT,
)
KINDS = {"challenge": CHALLENGE, "resource": RESOURCE}

from django.db import models
from django.utils.translation import gettext_lazy as _


class AgreementStatus(models.TextChoices):
    DRAFT = "draft", _("起案中")
    IN_APPROVAL = "in_approval", _("決裁中")
    APPROVED = "approved", _("決裁済み")
    ACTIVE = "active", _("締結")
    ENDED = "ended", _("終了")
    ABANDONED = "abandoned", _("取りやめ")


NOT_YET_SHARED = (AgreementStatus.DRAFT, AgreementStatus.IN_APPROVAL, AgreementStatus.ABANDONED)
"""Only the owner's people read these, whatever their visibility."""


class AgreementKind(models.TextChoices):
    COMPREHENSIVE = "comprehensive", _("包括連携協定")
    INDIVIDUAL = "individual", _("個別協定")
    TRIAL = "trial", _("実証協定")
    MEMORANDUM = "memorandum", _("覚書")
    COVENANT = "covenant", _("連携協約・規約(自治体どうし)")
    DISASTER = "disaster", _("災害時応援協定")
    FACILITY = "facility", _("施設の管理・運営(指定管理など)")
    PROPERTY = "property", _("財産の貸付け・使用")
    CONTRACT = "contract", _("業務の委託・契約")
    DONATION = "donation", _("寄附")
    OTHER = "other", _("その他")


class Renewal(models.TextChoices):
    NONE = "none", _("更新しない(期間の満了で終わる)")
    AUTOMATIC = "automatic", _("自動更新(申し出がなければ続く)")
    BY_NOTICE = "by_notice", _("申し出て更新する")


class PersonalData(models.TextChoices):
    NONE = "none", _("個人情報を扱わない")
    ANONYMOUS = "anonymous", _("統計・匿名の情報だけを扱う")
    HANDLED = "handled", _("個人情報を扱う")
    UNDECIDED = "undecided", _("まだ決めていない")


class VersionState(models.TextChoices):
    DRAFT = "draft", _("案")
    IN_APPROVAL = "in_approval", _("決裁中")
    APPROVED = "approved", _("決裁済み")
    IN_FORCE = "in_force", _("効力あり")
    SUPERSEDED = "superseded", _("前の版")
    DROPPED = "dropped", _("取りやめ")


EDITABLE = VersionState.DRAFT


class Side(models.TextChoices):
    PUBLIC = "public", _("自治体の側")
    PARTNER = "partner", _("相手の側")
    OTHER = "other", _("その他(立会人など)")


class Bearer(models.TextChoices):
    MUNICIPALITY = "municipality", _("自治体")
    PARTNER = "partner", _("相手")
    MAINLY_MUNICIPALITY = "mainly_municipality", _("主に自治体、従に相手")
    MAINLY_PARTNER = "mainly_partner", _("主に相手、従に自治体")
    BOTH = "both", _("双方")
    CAUSE = "cause", _("責めのある側")
    NOBODY = "nobody", _("まだ決めていない")


class Payment(models.TextChoices):
    SERVICE = "service", _("自治体が対価を払う")
    FEES = "fees", _("利用料金で賄う")
    NONE = "none", _("どちらでもない")


class ApprovalKind(models.TextChoices):
    CONSULT = "consult", _("合議")
    DECIDE = "decide", _("決裁")


class ApprovalState(models.TextChoices):
    WAITING = "waiting", _("順番待ち")
    APPROVED = "approved", _("承認")
    RETURNED = "returned", _("差戻し")
    CANCELLED = "cancelled", _("取りやめ")


class Outcome(models.TextChoices):
    DONE = "done", _("果たした")
    PARTLY = "partly", _("一部だけ果たした")
    NOT_DONE = "not_done", _("果たせなかった")
    WAIVED = "waived", _("双方の合意で見送った")


class AsleepReason(models.TextChoices):
    MOVED = "moved", _("担当者が替わり、引き継がれていない")
    PARTNER = "partner", _("相手の都合(担当の交代、事業の縮小など)")
    BUDGET = "budget", _("予算がない")
    FULFILLED = "fulfilled", _("目的を果たした")
    EMERGENCY = "emergency", _("非常時のための協定(平時に活動がないのは普通)")
    UNKNOWN_USE = "unknown_use", _("使い方が庁内に知られていない")
    OTHER = "other", _("その他")


class ChangeState(models.TextChoices):
    ASSESSING = "assessing", _("影響を調べている")
    CONSENTING = "consenting", _("双方の同意を待っている")
    AGREED = "agreed", _("同意が揃った")
    MADE = "made", _("新しい版になった")
    REFUSED = "refused", _("同意されなかった")
    WITHDRAWN = "withdrawn", _("取り下げ")


class ConsentState(models.TextChoices):
    WAITING = "waiting", _("返事待ち")
    AGREED = "agreed", _("同意")
    REFUSED = "refused", _("同意しない")


class DisputeStage(models.TextChoices):
    CONSULTATION = "consultation", _("協議")
    MEDIATION = "mediation", _("調停者を立てる")
    TERMINATION = "termination", _("協定の終了")
    SETTLED = "settled", _("解決")


class DocumentKind(models.TextChoices):
    COMPREHENSIVE = "comprehensive", _("包括連携協定書")
    INDIVIDUAL = "individual", _("個別協定書")
    TRIAL = "trial", _("実証協定書")
    MEMORANDUM = "memorandum", _("覚書")
    COVENANT = "covenant", _("連携協約")
    SPECIFICATION = "specification", _("仕様書案")
    BILL = "bill", _("議案")

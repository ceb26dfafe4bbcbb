from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganizationKind(models.TextChoices):
    MUNICIPALITY = "municipality", _("市区町村")
    PREFECTURE = "prefecture", _("都道府県")
    COMPANY = "company", _("企業")
    CORPORATION = "corporation", _("その他の法人")
    NPO = "npo", _("NPO")
    UNIVERSITY = "university", _("大学・学校")
    COMMUNITY = "community", _("住民団体")
    GOVERNMENT = "government", _("国・その他の行政機関")
    ASSOCIATION = "association", _("団体・協会")

    @property
    def is_public_body(self) -> bool:
        return self in {self.MUNICIPALITY, self.PREFECTURE, self.GOVERNMENT}


class OrganizationSize(models.TextChoices):
    SMALL = "small", _("小規模(従業員20人以下)")
    MEDIUM = "medium", _("中規模")
    LARGE = "large", _("大規模(従業員300人超)")


class Role(models.TextChoices):
    OFFICER = "officer", _("担当")
    MANAGER = "manager", _("管理職")
    PLANNER = "planner", _("企画")
    ADMINISTRATOR = "administrator", _("管理者")
    PARTNER_MEMBER = "partner_member", _("団体の担当")
    PARTNER_ADMINISTRATOR = "partner_administrator", _("団体の管理者")
    RESIDENT = "resident", _("住民")
    AUDITOR = "auditor", _("監査")


class Visibility(models.TextChoices):
    """Who may read a record: five circles, each inside the one before."""

    PUBLIC = "public", _("公開(だれでも)")
    MEMBERS = "members", _("会員(登録団体)")
    PARTIES = "parties", _("当事者(自団体と招いた団体)")
    INTERNAL = "internal", _("庁内・団体内")
    SECTION = "section", _("課内")


class RequestStatus(models.TextChoices):
    """How far somebody's wish to be let in has come."""

    WAITING = "waiting", _("確認待ち")
    ACCEPTED = "accepted", _("認められました")
    DECLINED = "declined", _("見送られました")
    WITHDRAWN = "withdrawn", _("取り下げ")


class StepKind(models.TextChoices):
    """What a reorganisation does to one section."""

    ADD = "add", _("新設")
    RENAME = "rename", _("改称")
    MOVE = "move", _("移管")
    CLOSE = "close", _("廃止")


PUBLIC_BODY_ROLES = (Role.OFFICER, Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR, Role.AUDITOR)
PARTNER_ROLES = (Role.PARTNER_MEMBER, Role.PARTNER_ADMINISTRATOR)
ADMINISTRATOR_ROLES = (Role.ADMINISTRATOR, Role.PARTNER_ADMINISTRATOR)

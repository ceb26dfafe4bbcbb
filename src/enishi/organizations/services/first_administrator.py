"""Letting the first person in."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.organizations.codes import completed_government_code
from enishi.organizations.enums import Role
from enishi.organizations.errors import FirstAdministratorRefusedError
from enishi.organizations.models import Membership, Organization


@transaction.atomic
def create_first_administrator(
    *, email: str, name: str, organization_code: str, password: str, at: dt.datetime
) -> Person:
    """Make a person who runs the installation and administers one public body.

    Raises ``FirstAdministratorRefusedError`` when the code names nobody or the address is taken.
    """
    organization = _public_body(organization_code)
    address = _address(email)
    if not name.strip():
        raise FirstAdministratorRefusedError(_("氏名を書いてください。"))
    person = Person.objects.create_user(address, password, name=name.strip(), is_system_administrator=True)
    EmailAddress.objects.create(user=person, email=address, verified=True, primary=True)
    membership = Membership.objects.create(
        person=person,
        organization=organization,
        role=Role.ADMINISTRATOR,
        valid_from=timezone.localdate(at),
    )
    trail.record(
        trail.Act(None, "create_first_administrator", membership, at, organization_id=organization.pk)
    )
    return person


def _public_body(code: str) -> Organization:
    completed = completed_government_code(code.strip())
    organization = Organization.objects.public_bodies().filter(code=completed).first() if completed else None
    if organization is None:
        raise FirstAdministratorRefusedError(
            _(
                "「%(code)s」という全国地方公共団体コードの自治体はありません。6桁(検査数字まで)で書いてください。例: 札幌市は 011002"
            )
            % {"code": code}
        )
    return organization


def _address(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise FirstAdministratorRefusedError(
            _("「%(email)s」はメールアドレスとして読めません。例: taro@city.example.jp") % {"email": email}
        ) from error
    if Person.objects.filter(email=address).exists():
        raise FirstAdministratorRefusedError(
            _(
                "%(email)s はもう登録されています。別のメールアドレスにするか、その人の役割を画面で変えてください。"
            )
            % {"email": address}
        )
    return address

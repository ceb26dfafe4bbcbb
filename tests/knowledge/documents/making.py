"""Documents for tests, made as people make them."""

from enishi.knowledge.documents import services
from enishi.knowledge.documents.enums import DocumentKind
from enishi.knowledge.documents.models import Collection, Document
from enishi.organizations.enums import Role, Visibility
from tests.factories import NOON, MembershipFactory, OrganizationFactory, PersonFactory


def keeper(organization=None, role=Role.PLANNER, section=None):
    """A person who keeps documents, and their organisation."""
    organization = organization or OrganizationFactory()
    person = PersonFactory()
    MembershipFactory(person=person, organization=organization, role=role, section=section)
    return person, organization


def collection(person, organization, **values) -> Collection:
    values = {"name": "よくある質問", "kind": DocumentKind.FAQ, "visibility": Visibility.PUBLIC, **values}
    return services.create_collection(organization=organization, values=values, actor=person, at=NOON)


def document(
    kept: Collection, person, title="空き家の補助", text="改修費の2分の1、上限30万円を補助します。", **values
) -> Document:
    return services.add_text(
        collection=kept, title=title, text=text, actor=person, at=NOON, values=values or None
    )

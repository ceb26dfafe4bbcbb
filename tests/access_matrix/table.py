"""Who may open which address: one line for each. An address without a line fails the suite.

A line says who may (``who``), about what (``about``: the test asks it for each of these), and who may know that the
thing is there at all (``sees``; the others get 404). ``post`` marks addresses that only change things.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from enishi.exchange.models import Field
from enishi.organizations.enums import Role
from tests.access_matrix.world import WORD, Somebody, World, may_read

Who = Callable[[Somebody, Any], bool]


@dataclass(frozen=True)
class Row:
    who: Who
    about: Callable[[World], Iterable[Any]] = lambda world: (None,)
    args: Callable[[Any], Sequence[Any]] = lambda thing: () if thing is None else (thing.pk,)
    sees: Who = lambda somebody, thing: True
    post: bool = False
    also: tuple[str, ...] = ()
    """Further questions to the same address, for those who get in."""
    moves_on: bool = False
    """Leads somewhere else instead of showing a page."""
    away: bool = False
    """May say that the index is being built."""
    polite: bool = False
    """Turns away with a sentence on the page before; that nothing was done shows in the record of acts."""
    data: Mapping[str, str] = field(default_factory=dict)
    """What is posted, where an empty form would be answered before anybody asks who sent it."""


# --- Who ---------------------------------------------------------------------------------------------------------------


def everybody(somebody: Somebody, thing: Any) -> bool:
    return True


def signed_in(somebody: Somebody, thing: Any) -> bool:
    return somebody.person is not None


def readers(somebody: Somebody, record: Any) -> bool:
    return may_read(somebody, record)


def signed_in_readers(somebody: Somebody, record: Any) -> bool:
    return somebody.person is not None and may_read(somebody, record)


WHOLE_HOUSE = (Role.MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
PARTNERS = (Role.PARTNER_MEMBER, Role.PARTNER_ADMINISTRATOR)


def writers(somebody: Somebody, record: Any) -> bool:
    """Managers, planners and administrators of the owner; officers of the section; of a partner everybody."""
    if not may_read(somebody, record):
        return False
    if somebody.has(record.organization, *WHOLE_HOUSE):
        return True
    if somebody.has(record.organization, Role.OFFICER):
        return somebody.section == record.section
    return record._meta.model_name != "challenge" and somebody.has(record.organization, *PARTNERS)


def town_authors(somebody: Somebody, thing: Any) -> bool:
    return somebody.role in (Role.OFFICER, *WHOLE_HOUSE)


def authors(somebody: Somebody, thing: Any) -> bool:
    return somebody.role in (Role.OFFICER, *WHOLE_HOUSE, *PARTNERS)


def administrators(somebody: Somebody, thing: Any) -> bool:
    """Administrators of any town, and those who run the installation."""
    return somebody.is_system or somebody.role == Role.ADMINISTRATOR


def runs_house(somebody: Somebody, house: Any) -> bool:
    return somebody.runs(house)


def of_house(somebody: Somebody, house: Any) -> bool:
    return somebody.is_system or somebody.is_of(house)


def runs_its_house(somebody: Somebody, thing: Any) -> bool:
    return somebody.runs(thing.organization)


def owner_alone(somebody: Somebody, thing: Any) -> bool:
    return somebody.person is not None and somebody.person.pk == thing.person_id


def not_visitors(somebody: Somebody, thing: Any) -> bool:
    return somebody.person is not None


# --- About what --------------------------------------------------------------------------------------------------------


def challenges(world: World) -> Iterable[Any]:
    return world.challenges


def resources(world: World) -> Iterable[Any]:
    return world.resources


def some(records: str, *visibilities: str) -> Callable[[World], Iterable[Any]]:
    """A few records are enough where the page asks the same question as the record's own."""

    def chosen(world: World) -> Iterable[Any]:
        rows = getattr(world, records)
        mine = [row for row in rows if row.organization_id == rows[0].organization_id]
        return [row for row in mine if row.status == "open" and row.visibility in visibilities]

    return chosen


def thing(name: str) -> Callable[[World], Iterable[Any]]:
    return lambda world: (world[name],)


def houses(world: World) -> Iterable[Any]:
    return (world["a"], world["p"])


def sections(world: World) -> Iterable[Any]:
    return (world["a1"], world["p1"])


def memberships(world: World) -> Iterable[Any]:
    return (world.somebody("a_officer").membership, world.somebody("p_member").membership)


def sees_section(somebody: Somebody, section: Any) -> bool:
    return section.organization.is_public_body or of_house(somebody, section.organization)


def sees_membership(somebody: Somebody, place: Any) -> bool:
    return somebody.person is not None and of_house(somebody, place.organization)


def runs_or_is(somebody: Somebody, place: Any) -> bool:
    return somebody.runs(place.organization) or (
        somebody.person is not None and place.person_id == somebody.person.pk
    )


def applied(attribute: str) -> Who:
    """Those who run the house, and who has applied."""

    def sees(somebody: Somebody, row: Any) -> bool:
        house = getattr(row, "seat", None) or row.organization
        return somebody.runs(house) or (
            somebody.person is not None and getattr(row, attribute) == somebody.person.pk
        )

    return sees


def answers(somebody: Somebody, row: Any) -> bool:
    return somebody.runs(getattr(row, "seat", None) or row.organization)


def reads_acts(somebody: Somebody, thing: Any) -> bool:
    return somebody.is_system or somebody.role in (
        Role.ADMINISTRATOR,
        Role.PARTNER_ADMINISTRATOR,
        Role.AUDITOR,
    )


def histories(world: World) -> Iterable[Any]:
    return (world["a"], world["a1"], *some("challenges", "public", "internal", "section")(world))


def may_read_history(somebody: Somebody, thing: Any) -> bool:
    """The people of the house, of what they may read. What runs the installation sees no record that is not public."""
    house = thing if thing._meta.model_name == "organization" else thing.organization
    if thing._meta.model_name == "challenge" and not may_read(somebody, thing):
        return False
    return somebody.is_system or somebody.is_of(house)


def pairs(world: World) -> Iterable[Any]:
    """A public challenge with each resource, and a secret one with a public resource."""
    public, secret = (world.challenges[0], world.resources[0]), (world.challenges[4], world.resources[4])
    partners = [row for row in world.resources if row.visibility in ("public", "internal")]
    return [*((public[0], row) for row in partners), (secret[0], public[1]), (public[0], secret[1])]


def both_keys(pair: Any) -> Sequence[Any]:
    return (pair[0].pk, pair[1].pk)


def both_readers(somebody: Somebody, pair: Any) -> bool:
    return somebody.person is not None and all(may_read(somebody, row) for row in pair)


def both_sides(somebody: Somebody, contact: Any) -> bool:
    return somebody.is_of(contact.wanting) or somebody.is_of(contact.offering)


def speakers(somebody: Somebody, contact: Any) -> bool:
    return both_sides(somebody, contact) and somebody.role != Role.AUDITOR


def callers(somebody: Somebody, challenge: Any) -> bool:
    return may_read(somebody, challenge) and somebody.has(challenge.organization, Role.OFFICER, *WHOLE_HOUSE)


def called(somebody: Somebody, call: Any) -> bool:
    return (
        somebody.is_inside and somebody.house is not None and somebody.house.name in ("試験甲市", "試験乙町")
    )


def answers_call(somebody: Somebody, partner: Any) -> bool:
    return somebody.has(partner.organization, Role.OFFICER, *WHOLE_HOUSE)


def town_people(somebody: Somebody, thing: Any) -> bool:
    return somebody.is_inside and somebody.house is not None and somebody.house.is_public_body


def town_leaders(somebody: Somebody, thing: Any) -> bool:
    return somebody.role in WHOLE_HOUSE


def ends_conflict(somebody: Somebody, conflict: Any) -> bool:
    return somebody.has(conflict.organization, *WHOLE_HOUSE)


def record_rows(name: str, many: str, create: Who) -> dict[str, Row]:
    """The pages of a challenge and of a resource are the same."""
    record = f"exchange:{name}_"
    few = some(many, "public", "section", "parties")
    every = challenges if many == "challenges" else resources
    slug = ("trouble",) if name == "challenge" else ("offer",)

    def step(row: Any) -> Sequence[Any]:
        return (row.pk, *slug)

    return {
        record + "list": Row(
            everybody,
            also=(f"?q={WORD}", "?format=csv", "?format=xlsx", f"?q={WORD}&format=csv", "?sort=recent"),
        ),
        record + "detail": Row(readers, about=every, sees=readers),
        record + "pitch": Row(readers, about=few, sees=readers),
        record + "new": Row(signed_in, moves_on=True),
        record + "create": Row(create),
        record + "edit": Row(writers, about=few, sees=readers, moves_on=True),
        record + "step": Row(writers, about=few, sees=readers, args=step),
        record + "draft_keep": Row(writers, about=few, sees=readers, args=step, post=True),
        record + "draft_new": Row(create, post=True),
        record + "draft_discard": Row(writers, about=few, sees=readers, args=step, post=True),
        record + "check": Row(writers, about=few, sees=readers),
        record + "publish": Row(writers, about=few, sees=readers, post=True),
        record + "status": Row(writers, about=few, sees=readers),
        record + "delete": Row(writers, about=few, sees=readers),
        record + "restore": Row(writers, about=few, sees=readers, post=True),
        record + "files": Row(writers, about=few, sees=readers),
    }


RECORDS = {
    **record_rows("challenge", "challenges", town_authors),
    **record_rows("resource", "resources", authors),
}


def attachments(world: World) -> Iterable[Any]:
    return world.things["attachments"]


def few_attachments(world: World) -> Iterable[Any]:
    """Those of the first town's challenges: one of each visibility."""
    return [each for each in attachments(world) if each.challenge in world.challenges[:5]]


def reads_its_record(somebody: Somebody, attachment: Any) -> bool:
    return may_read(somebody, attachment.challenge or attachment.resource)


def writes_its_record(somebody: Somebody, attachment: Any) -> bool:
    return writers(somebody, attachment.challenge or attachment.resource)


def a_field(world: World) -> Iterable[Any]:
    return (Field.objects.order_by("-pk").first(),)


OF_RECORDS = {
    "exchange:challenge_start": Row(town_authors),
    "exchange:challenge_write": Row(
        writers,
        about=some("challenges", "public", "section", "parties"),
        sees=readers,
        args=lambda row: (row.pk, "who"),
    ),
    "exchange:challenge_move": Row(
        writers, about=some("challenges", "public", "section", "parties"), sees=readers, post=True
    ),
    "exchange:resource_confirm": Row(
        writers, about=some("resources", "public", "section", "parties"), sees=readers, post=True
    ),
    # The signed link is the key; one that nobody was sent opens nothing (400 with a sentence).
    "exchange:resource_confirm_by_link": Row(
        everybody, args=lambda _nothing: ("nobody-was-sent-this",), moves_on=True
    ),
    "exchange:trash": Row(signed_in),
    "exchange:attachment_download": Row(reads_its_record, about=attachments, sees=reads_its_record),
    "exchange:attachment_remove": Row(
        writes_its_record, about=few_attachments, sees=reads_its_record, post=True
    ),
    "exchange:attachment_restore": Row(
        writes_its_record, about=few_attachments, sees=reads_its_record, post=True
    ),
    "exchange:field_list": Row(administrators),
    "exchange:field_add": Row(administrators, post=True),
    **{
        f"exchange:field_{action}": Row(administrators, about=a_field, post=True)
        for action in ("rename", "up", "down", "retire", "reuse", "remove")
    },
    "exchange:search_list": Row(signed_in),
    "exchange:search_save": Row(signed_in, post=True),
    "exchange:search_delete": Row(owner_alone, about=thing("saved_search"), sees=owner_alone, post=True),
}

TABLE: dict[str, Row] = {
    # Pages that join rooms.
    "portal:home": Row(everybody),
    "portal:search": Row(everybody, also=(f"?q={WORD}",)),
    "portal:about": Row(everybody),
    "portal:health": Row(everybody),
    "foundation:set_language": Row(everybody, post=True),
    "foundation:draft_keep": Row(signed_in, post=True),
    "foundation:draft_discard": Row(signed_in, post=True),
    "foundation:job": Row(owner_alone, about=thing("job"), sees=owner_alone),
    "foundation:job_cancel": Row(owner_alone, about=thing("job"), sees=owner_alone, post=True),
    # One's own.
    "accounts:me": Row(signed_in),
    "accounts:tokens": Row(signed_in),
    "accounts:token_new": Row(signed_in, post=True),
    "accounts:token_revoke": Row(owner_alone, about=thing("token"), sees=owner_alone, post=True),
    "accounts:own_data": Row(signed_in, post=True),
    "notifications:notice_list": Row(signed_in),
    "notifications:notice_read_all": Row(signed_in, post=True),
    "notifications:notice_settings": Row(signed_in),
    "notifications:notice_open": Row(owner_alone, about=thing("notice"), sees=owner_alone, post=True),
    # Organisations: everybody may know who takes part; who works there, their people.
    "organizations:organization_list": Row(everybody, also=("?q=試験", "?kind=company", "?format=csv")),
    "organizations:organization_detail": Row(everybody, about=houses),
    "organizations:organization_edit": Row(runs_house, about=houses),
    "organizations:own": Row(signed_in, moves_on=True),
    # Without the number of one's own place, there is nothing to switch to.
    "organizations:switch": Row(lambda somebody, row: False, sees=lambda somebody, row: False, post=True),
    "organizations:register": Row(signed_in),
    "organizations:joining": Row(signed_in),
    "organizations:join": Row(signed_in, about=houses),
    "organizations:live": Row(signed_in, about=houses, post=True),
    "organizations:waiting": Row(signed_in),
    "organizations:registration_accept": Row(
        answers, about=thing("registration"), sees=applied("applicant_id"), post=True
    ),
    "organizations:registration_decline": Row(
        answers, about=thing("registration"), sees=applied("applicant_id"), post=True
    ),
    "organizations:registration_withdraw": Row(
        lambda somebody, row: somebody.key == "nobody",
        about=thing("registration"),
        sees=applied("applicant_id"),
        post=True,
    ),
    "organizations:request_accept": Row(
        answers, about=thing("join_request"), sees=applied("person_id"), post=True
    ),
    "organizations:request_decline": Row(
        answers, about=thing("join_request"), sees=applied("person_id"), post=True
    ),
    "organizations:request_withdraw": Row(
        lambda somebody, row: somebody.key == "nobody",
        about=thing("join_request"),
        sees=applied("person_id"),
        post=True,
    ),
    # The link itself is the key; one that nobody was sent opens nothing (403 with a sentence).
    "organizations:invitation": Row(
        lambda somebody, row: False, args=lambda _nothing: ("nobody-was-sent-this",)
    ),
    "organizations:invitation_resend": Row(
        runs_its_house, about=thing("invitation"), sees=runs_its_house, post=True
    ),
    "organizations:invitation_withdraw": Row(
        runs_its_house, about=thing("invitation"), sees=runs_its_house, post=True
    ),
    "organizations:people": Row(of_house, about=houses, sees=of_house),
    "organizations:invite": Row(runs_house, about=houses),
    "organizations:membership": Row(runs_its_house, about=memberships, sees=sees_membership),
    "organizations:membership_end": Row(runs_or_is, about=memberships, sees=sees_membership),
    "organizations:membership_transfer": Row(runs_or_is, about=memberships, sees=sees_membership),
    "organizations:section_tree": Row(everybody, about=houses),
    "organizations:section_detail": Row(sees_section, about=sections, sees=sees_section),
    "organizations:section_new": Row(runs_house, about=houses),
    "organizations:section_import": Row(runs_house, about=houses, also=("?format=csv",)),
    "organizations:section_import_start": Row(runs_house, about=houses, post=True),
    "organizations:section_edit": Row(runs_its_house, about=sections, sees=sees_section),
    "organizations:section_close": Row(runs_its_house, about=sections, sees=sees_section),
    "organizations:reorganization_new": Row(runs_house, about=houses),
    "organizations:reorganization": Row(runs_its_house, about=thing("reorganization"), sees=runs_its_house),
    "organizations:reorganization_decide": Row(
        runs_its_house, about=thing("reorganization"), sees=runs_its_house, post=True
    ),
    "organizations:reorganization_withdraw": Row(
        runs_its_house, about=thing("reorganization"), sees=runs_its_house, post=True
    ),
    "organizations:step_remove": Row(
        lambda somebody, step: somebody.runs(step.reorganization.organization),
        about=thing("step"),
        sees=lambda somebody, step: somebody.runs(step.reorganization.organization),
        post=True,
    ),
    # Challenges and resources.
    **RECORDS,
    **OF_RECORDS,
    # Acts.
    "audit:act_list": Row(reads_acts, also=("?format=csv", "?format=xlsx", "?subject=canary")),
    "audit:record_history": Row(
        may_read_history,
        about=histories,
        sees=may_read_history,
        args=lambda row: (row._meta.label_lower, row.pk),
    ),
    # Bringing files in: the empty sheet is for everybody, what was brought for who brought it.
    "imports:import_new": Row(authors, args=lambda _nothing: ("resource",)),
    "imports:import_form": Row(everybody, args=lambda _nothing: ("resource",)),
    "imports:export_fetch": Row(owner_alone, about=thing("export"), sees=owner_alone),
    "imports:import_detail": Row(owner_alone, about=thing("import"), sees=owner_alone),
    "imports:import_words": Row(owner_alone, about=thing("import"), sees=owner_alone, post=True),
    "imports:import_confirm": Row(owner_alone, about=thing("import"), sees=owner_alone, post=True),
    "imports:import_undo": Row(owner_alone, about=thing("import"), sees=owner_alone, post=True),
    # Matches: for people who are signed in, of what they may read on both sides.
    "matches:challenge_matches": Row(
        signed_in_readers, about=some("challenges", "public", "parties", "section"), sees=readers, away=True
    ),
    "matches:resource_matches": Row(
        signed_in_readers, about=some("resources", "public", "parties", "section"), sees=readers, away=True
    ),
    "matches:combinations": Row(
        signed_in_readers, about=some("challenges", "public", "parties", "section"), sees=readers, away=True
    ),
    "matches:pairs": Row(signed_in, also=("?from=towns", "?new=1")),
    "matches:pairs_again": Row(signed_in, post=True),
    "matches:pairs_seen": Row(signed_in, post=True),
    "matches:pair": Row(both_readers, about=pairs, args=both_keys, sees=both_readers, away=True),
    "matches:pair_keep": Row(both_readers, about=pairs, args=both_keys, sees=both_readers, post=True),
    "matches:pair_contact": Row(both_readers, about=pairs, args=both_keys, sees=both_readers, post=True),
    "matches:contact_list": Row(signed_in),
    "matches:contact_detail": Row(both_sides, about=thing("contact"), sees=both_sides),
    "matches:contact_letter": Row(both_sides, about=thing("contact"), sees=both_sides),
    **{
        f"matches:contact_{action}": Row(
            speakers, about=thing("contact"), sees=both_sides, post=True, polite=True, data=data
        )
        for action, data in (
            ("note", {"body": "よろしく", "side": "challenge"}),
            ("move", {"state": "in_dialogue", "side": "challenge"}),
            ("outcome", {"outcome": "adopted", "side": "challenge"}),
        )
    },
    "matches:joint_list": Row(signed_in),
    "matches:joint_new": Row(callers, about=some("challenges", "public", "section"), sees=callers),
    "matches:joint_detail": Row(called, about=thing("joint_call"), sees=called),
    "matches:joint_answer": Row(answers_call, about=thing("joint_partner"), sees=answers_call, post=True),
    "matches:reach": Row(town_people, sees=town_people),
    "matches:reach_chart": Row(town_people, sees=town_people),
    "matches:reach_numbers": Row(town_people, sees=town_people),
    "matches:reach_floor": Row(town_leaders, sees=town_people, post=True, data={"percent": "10"}),
    "matches:weights": Row(administrators, sees=administrators),
    "matches:weights_learn": Row(administrators, sees=administrators, post=True),
    "matches:weights_use": Row(
        administrators,
        about=thing("weights"),
        args=lambda row: (row.number,),
        sees=administrators,
        post=True,
    ),
    "matches:conflicts": Row(town_people, sees=town_people),
    "matches:conflict_end": Row(ends_conflict, about=thing("conflict"), sees=ends_conflict, post=True),
    # The API's own description; its operations have a table of their own below.
    "api_reference": Row(everybody),
    "api:api-root": Row(everybody),
    "api:openapi-json": Row(everybody),
}


@dataclass(frozen=True)
class Operation:
    """One operation of the API: as ``Row``, with the smallest body that is one."""

    who: Who
    about: Callable[[World], Iterable[Any]] = lambda world: (None,)
    sees: Who = lambda somebody, thing: True
    body: Callable[[World, Any], dict[str, Any]] = lambda world, thing: {}


def record_operations(many: str, create: Who, status: str) -> dict[str, Operation]:
    root, one = f"/{many}", f"/{many}/{{key}}"
    every = challenges if many == "challenges" else resources
    few = some(many, "public", "section", "parties")
    return {
        f"GET {root}": Operation(everybody),
        f"POST {root}": Operation(
            create, body=lambda world, row: {"organization_id": world["a"].pk, "title": "新しい記録"}
        ),
        f"GET {one}": Operation(readers, about=every, sees=readers),
        f"PATCH {one}": Operation(
            writers, about=few, sees=readers, body=lambda world, row: {"version": row.version}
        ),
        f"DELETE {one}": Operation(writers, about=few, sees=readers),
        f"POST {one}/publish": Operation(writers, about=few, sees=readers),
        f"POST {one}/status": Operation(
            writers, about=few, sees=readers, body=lambda world, row: {"status": status}
        ),
        f"GET {one}/matches": Operation(signed_in_readers, about=few, sees=readers),
    }


def authors_of_a(somebody: Somebody, thing: Any) -> bool:
    return town_authors(somebody, thing) and somebody.key.startswith("a_")


OPERATIONS: dict[str, Operation] = {
    "GET /me": Operation(signed_in),
    "GET /fields": Operation(everybody),
    "GET /organizations": Operation(everybody),
    "GET /organizations/{key}": Operation(everybody, about=houses),
    **record_operations("challenges", authors_of_a, "in_dialogue"),
    **record_operations("resources", authors_of_a, "closed"),
    "POST /resources/{key}/confirm": Operation(
        writers, about=some("resources", "public", "section"), sees=readers
    ),
}

# Sign-in by allauth: anybody may come to these doors; what lies behind them asks again.
OPEN_DOORS = {
    "account_login", "account_logout", "account_inactive", "account_signup", "account_email_verification_sent",
    "account_reset_password", "account_confirm_login_code", "account_reset_password_from_key_done",
    "account_reset_password_done", "mfa_authenticate", "mfa_login_webauthn", "socialaccount_login_cancelled",
    "socialaccount_login_error", "socialaccount_signup", "account_confirm_email", "account_reset_password_from_key",
    "saml_acs", "saml_finish_acs", "saml_sls", "saml_metadata", "saml_login", "openid_connect_login",
    "openid_connect_callback", "account/social/login/cancelled/", "account/social/login/error/",
    "account/social/signup/", "account/social/connections/",
}  # fmt: skip
OWN_ACCOUNT = {
    "account_reauthenticate", "account_email", "account_change_password", "account_set_password", "mfa_index",
    "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes", "mfa_download_recovery_codes", "mfa_list_webauthn", "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn", "mfa_remove_webauthn", "mfa_edit_webauthn", "socialaccount_connections",
    "usersessions_list",
}  # fmt: skip

# Rows of the rooms, each in a file of its own.
from tests.access_matrix import projects_table  # noqa: E402

TABLE.update(projects_table.TABLE)
OPERATIONS.update(projects_table.OPERATIONS)
from tests.access_matrix import desk_engaging  # noqa: E402

TABLE.update(desk_engaging.TABLE)

from tests.access_matrix import agreements_table  # noqa: E402

TABLE.update(agreements_table.TABLE)
OPERATIONS.update(agreements_table.OPERATIONS)
from tests.access_matrix import ends_table  # noqa: E402

TABLE.update(ends_table.TABLE)
from tests.access_matrix import desk_core  # noqa: E402

TABLE.update(desk_core.TABLE)
OPERATIONS.update(desk_core.OPERATIONS)

from tests.access_matrix import documents as documents_table  # noqa: E402

TABLE.update(documents_table.TABLE)

from tests.access_matrix import staff_work  # noqa: E402

TABLE.update(staff_work.TABLE)

from tests.access_matrix import answers as answers_table  # noqa: E402

TABLE.update(answers_table.TABLE)
OPERATIONS.update(answers_table.OPERATIONS)

from tests.access_matrix import indicators_table  # noqa: E402

TABLE.update(indicators_table.TABLE)
OPERATIONS.update(indicators_table.OPERATIONS)

from tests.access_matrix import evaluation_money  # noqa: E402

TABLE.update(evaluation_money.TABLE)

from tests.access_matrix import evaluation_table  # noqa: E402

TABLE.update(evaluation_table.TABLE)
OPERATIONS.update(evaluation_table.OPERATIONS)

from tests.access_matrix import plans_core  # noqa: E402

TABLE.update(plans_core.TABLE)
OPERATIONS.update(plans_core.OPERATIONS)

from tests.access_matrix import plan_records  # noqa: E402

TABLE.update(plan_records.TABLE)
OPERATIONS.update(plan_records.OPERATIONS)

from tests.access_matrix import budgets_table  # noqa: E402

TABLE.update(budgets_table.TABLE)
OPERATIONS.update(budgets_table.OPERATIONS)

"""Who may open which address of the agreements."""

from typing import Any

from enishi.organizations.enums import Role
from tests.access_matrix.agreements_core import (
    TOKEN,
    WHOLE_HOUSE,
    every_agreement,
    is_inside,
    keeps,
    of_it,
    one,
    reads,
    shares,
)
from tests.access_matrix.table import Operation, Row, everybody, signed_in, town_authors
from tests.access_matrix.world import WORD, Somebody

GRANTED = "?partner=local_government&who_decides=hand_over&work=execute"


def of_the_house(somebody: Somebody, thing: Any) -> bool:
    house = thing if thing._meta.model_name == "organization" else thing.organization
    return somebody.is_of(house)


def runs_templates(somebody: Somebody, thing: Any) -> bool:
    house = thing if thing._meta.model_name == "organization" else thing.organization
    return somebody.has(house, *WHOLE_HOUSE)


def belongs_somewhere(somebody: Somebody, thing: Any) -> bool:
    return somebody.is_inside


def its_importer(somebody: Somebody, batch: Any) -> bool:
    return somebody.person is not None and somebody.person.pk == batch.person_id


def may_decide(somebody: Somebody, approval: Any) -> bool:
    """Whose turn it is, and in their place the managers and administrators of the town."""
    return somebody.has(approval.version.agreement.organization, Role.MANAGER, Role.ADMINISTRATOR)


def of_the_town(somebody: Somebody, approval: Any) -> bool:
    agreement = approval.version.agreement
    return somebody.is_of(agreement.organization) and reads(somebody, agreement)


def whose_turn(somebody: Somebody, approval: Any) -> bool:
    return somebody.person is not None and somebody.person.pk == approval.person_id


def keeps_or_is_asked(somebody: Somebody, consent: Any) -> bool:
    return keeps(somebody, consent.change.agreement) or somebody.has(
        consent.organization, Role.PARTNER_MEMBER, Role.PARTNER_ADMINISTRATOR
    )


def _of_draft(**more: Any) -> Row:
    return Row(keeps, about=one("agreement_draft"), sees=reads, **more)


def _of_active(who: Any = keeps, **more: Any) -> Row:
    return Row(who, about=one("agreement"), sees=reads, **more)


def _part(name: str, who: Any, sees: Any = is_inside, **more: Any) -> Row:
    return Row(of_it(who), about=one(name), sees=of_it(sees), **more)


TABLE = {
    "agreements:agreement_list": Row(
        everybody,
        also=(f"?q={WORD}", "?format=csv", "?format=xlsx", "?asleep=1", "?due=over&sort=due", "?mine=1"),
    ),
    # The advisor is open to everybody.
    "agreements:scheme_list": Row(everybody),
    "agreements:scheme_ask": Row(everybody, also=("?partner=private",)),
    "agreements:scheme_advice": Row(everybody, also=(GRANTED,)),
    "agreements:scheme_compare": Row(everybody),
    "agreements:threshold_list": Row(everybody, also=("?body=town&amount=100",)),
    "agreements:article_detail": Row(
        everybody, about=one("agreement"), args=lambda _t: ("322AC0000000067", "96")
    ),
    "agreements:scheme_detail": Row(everybody, about=one("agreement"), args=lambda _t: ("pfi",)),
    # The calendar is one's own; its feed is for whoever knows the secret address.
    "agreements:calendar": Row(signed_in, also=("?from=2027-01",)),
    "agreements:feed_make": Row(signed_in, post=True),
    "agreements:feed_revoke": Row(signed_in, post=True),
    "agreements:feed": Row(everybody, about=one("agreement"), args=lambda _t: (TOKEN,)),
    "agreements:agreement_new": Row(town_authors),
    "agreements:agreement_trash": Row(signed_in),
    "agreements:agreement_detail": Row(reads, about=every_agreement, sees=reads),
    "agreements:agreement_restore": Row(keeps, about=one("thrown_agreement"), sees=of_the_house, post=True),
    "agreements:agreement_about": Row(keeps, about=every_agreement, sees=reads),
    "agreements:agreement_end": Row(keeps, about=every_agreement, sees=reads),
    "agreements:agreement_terms": _of_draft(),
    "agreements:agreement_parties": _of_draft(),
    "agreements:agreement_obligations": _of_draft(),
    "agreements:agreement_risks": _of_draft(),
    "agreements:risk_start": _of_draft(post=True),
    "agreements:risk_import": _of_draft(),
    "agreements:agreement_submit": _of_draft(),
    "agreements:agreement_delete": _of_draft(),
    "agreements:risk_table": Row(
        is_inside, about=one("agreement"), sees=reads, also=("?format=xlsx", "?format=csv")
    ),
    "agreements:agreement_share": Row(keeps, about=one("agreement_in_approval"), sees=reads, post=True),
    "agreements:agreement_take_back": Row(keeps, about=one("agreement_in_approval"), sees=reads, post=True),
    "agreements:agreement_sign": _of_active(),
    "agreements:agreement_reopen": _of_active(),
    "agreements:copy_add": _of_active(),
    "agreements:activity_add": _of_active(),
    "agreements:sleep_explain": _of_active(),
    "agreements:agreement_prolong": _of_active(),
    "agreements:incident_new": _of_active(shares),
    "agreements:dispute_new": _of_active(shares),
    "agreements:change_new": _of_active(shares),
    "agreements:version_list": _of_active(is_inside),
    "agreements:document_list": _of_active(is_inside),
    "agreements:document_download": _of_active(is_inside, args=lambda row: (row.pk, "memorandum", "docx")),
    "agreements:obligation_fulfil": Row(
        lambda somebody, row: keeps(somebody, row.version.agreement),
        about=one("agreement_obligation"),
        args=lambda row: (row.version.agreement_id, row.key, "none"),
        sees=lambda somebody, row: reads(somebody, row.version.agreement),
    ),
    "agreements:approval_answer": Row(may_decide, about=one("agreement_approval"), sees=of_the_town),
    "agreements:approval_seen": Row(
        whose_turn, about=one("agreement_approval"), sees=of_the_town, post=True, polite=True
    ),
    "agreements:copy_download": _part("agreement_copy", is_inside),
    "agreements:copy_verify": _part("agreement_copy", is_inside, post=True),
    "agreements:incident_edit": _part("agreement_incident", shares),
    "agreements:dispute_detail": _part("agreement_dispute", is_inside),
    "agreements:change_detail": _part("agreement_change", is_inside),
    "agreements:change_assess": _part("agreement_change", keeps),
    "agreements:change_ask": _part("agreement_change", keeps, post=True),
    "agreements:change_make": _part("agreement_change", keeps, post=True),
    "agreements:change_withdraw": _part("agreement_change", keeps, post=True),
    "agreements:consent_answer": Row(
        keeps_or_is_asked,
        about=one("agreement_consent"),
        sees=lambda somebody, row: is_inside(somebody, row.change.agreement),
    ),
    "agreements:template_home": Row(belongs_somewhere, moves_on=True),
    "agreements:template_list": Row(of_the_house, about=one("a"), sees=of_the_house),
    "agreements:template_add": Row(runs_templates, about=one("a"), sees=of_the_house),
    "agreements:template_download": Row(of_the_house, about=one("agreement_template"), sees=of_the_house),
    "agreements:template_retire": Row(
        runs_templates, about=one("agreement_template"), sees=of_the_house, post=True
    ),
    "agreements:template_default": Row(signed_in, about=one("agreement"), args=lambda _t: ("bill",)),
    "agreements:import_new": Row(town_authors),
    "agreements:import_sheet": Row(signed_in),
    "agreements:import_check": Row(its_importer, about=one("agreement_import"), sees=its_importer),
    "agreements:import_apply": Row(its_importer, about=one("agreement_import"), sees=its_importer, post=True),
    "agreements:import_undo": Row(its_importer, about=one("agreement_import"), sees=its_importer, post=True),
}

OPERATIONS = {
    "GET /agreements": Operation(everybody),
    "GET /agreements/{key}": Operation(reads, about=every_agreement, sees=reads),
    "GET /schemes": Operation(everybody),
    "POST /schemes/advice": Operation(
        signed_in, body=lambda world, row: {"answers": {"partner": "private", "object": "gift"}}
    ),
}

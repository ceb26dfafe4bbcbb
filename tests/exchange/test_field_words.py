"""Fields of work in the reader's language."""

import json
from importlib import resources

from django.utils import translation

from enishi.exchange.field_words import field_in_words


def test_the_products_own_fields_have_english_and_a_municipalitys_own_stay():
    text = (resources.files("enishi.exchange") / "data" / "fields.json").read_text(encoding="utf-8")
    names = [name for field in json.loads(text) for name in (field["name"], *field["subfields"])]

    with translation.override("en"):
        said = [field_in_words(name) for name in names]
        own = field_in_words("温泉の湯守")

    assert all(each.isascii() for each in said)
    assert own == "温泉の湯守"
    assert [field_in_words(name) for name in names] == names

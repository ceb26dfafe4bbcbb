"""Fill in the fields of work that every installation starts with; each may rename, reorder and retire them."""

import json
from pathlib import Path

from django.db import migrations

TAXONOMY = Path(__file__).resolve().parent.parent / "data" / "fields.json"


def fill(apps, schema_editor):
    field = apps.get_model("exchange", "Field")
    for order, entry in enumerate(json.loads(TAXONOMY.read_text(encoding="utf-8")), start=1):
        parent, _created = field.objects.get_or_create(
            code=entry["code"], defaults={"name": entry["name"], "order": order * 100}
        )
        for place, name in enumerate(entry["subfields"], start=1):
            field.objects.get_or_create(
                code=f"{entry['code']}-{place}",
                defaults={"name": name, "order": order * 100 + place, "parent": parent},
            )


class Migration(migrations.Migration):
    dependencies = [("exchange", "0002_attachments_and_saved_searches")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

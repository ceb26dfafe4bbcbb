"""Fill in Japan's prefectures and municipalities."""

import csv
from importlib import resources

from django.db import migrations


def fill(apps, schema_editor):
    organization = apps.get_model("organizations", "Organization")
    text = (resources.files("enishi.organizations") / "data" / "public_bodies.csv").read_text(encoding="utf-8")
    organization.objects.bulk_create(
        [
            organization(
                kind=row["kind"],
                code=row["code"],
                prefecture_code=row["prefecture_code"],
                name=row["name"],
                kana=row["kana"],
                latitude=float(row["latitude"]),
                longitude=float(row["longitude"]),
                url=row["url"],
                source="code4fukui/localgovjp 232edc3a (2026-07-09, CC0)",
            )
            for row in csv.DictReader(text.splitlines())
        ],
        batch_size=500,
    )


def empty(apps, schema_editor):
    apps.get_model("organizations", "Organization").objects.filter(code__isnull=False).delete()


class Migration(migrations.Migration):
    dependencies = [("organizations", "0001_initial")]

    operations = [migrations.RunPython(fill, empty)]

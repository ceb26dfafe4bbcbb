"""The command line as an administrator runs it, on a data folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import secrets
import django; django.setup()
from django.utils import timezone
from enishi.organizations.models import Organization, Membership
from enishi.accounts.models import Person
from enishi.exchange.services import ImportedRow, save_imported
town = Organization.objects.get(code="131016")
person = Person.objects.create_user("p@example.jp", "himitsu-no-kotoba", name="試験 一郎")
Membership.objects.create(person=person, organization=town, role="planner", valid_from="2020-04-01")
rows = [ImportedRow(town.pk, f"k{n}", {"title": f"課題{n} 𠮷", "sufferers": ["residents"], "budget_max_yen": 0}) for n in range(3)]
save_imported(kind="challenge", rows=rows, actor=person, at=timezone.now())
from django.conf import settings
(settings.MEDIA_ROOT / "attachments").mkdir(parents=True)
(settings.MEDIA_ROOT / "attachments" / "a").write_bytes(b"file")
from enishi.exchange.models import ImportBatch
digest = "3b9c358f36f0a31b6ad3e14f309c7cf198ac9246e8316f9ce543d5b19ac02b80"
ImportBatch.objects.create(
    kind="challenge", organization=town, person=person, file="attachments/a", sha256=digest, created_at=timezone.now()
)
(settings.DATA_FOLDER / "demo-password.txt").write_text("aikotoba")
(settings.MEDIA_ROOT / "attachments" / "large").write_bytes(secrets.token_bytes(2_000_000))
"""


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ENISHI_")}
    return kept | {"ENISHI_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "enishi.config.settings"}


def enishi(folder: Path, *words: str, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "enishi.config", *words]
    return subprocess.run(
        command, env=environment(folder), capture_output=True, text=True, timeout=240, **options
    )

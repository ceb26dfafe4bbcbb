"""A small installation measured from inside; started by bench.matching_index in a data folder of its own."""

import gc
import os
import subprocess
import sys
import time

import django
import numpy as np

RECORDS = 400
SAVES = 25


def main() -> None:
    if len(sys.argv) > 1:
        _rest(sys.argv[1])
        return
    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    challenge, owner, person = _fill()
    _measure(challenge, owner, person)
    for name in ("web", "worker"):
        answer = subprocess.run(
            [sys.executable, "-m", "bench.matching_living", name], check=True, capture_output=True, text=True
        )
        print(answer.stdout.strip())


def _fill():  # type: ignore[no-untyped-def]
    from django.utils import timezone
    from training.matching.pairs_file import read_pairs

    from enishi.accounts.models import Person
    from enishi.exchange.models import Challenge, Resource
    from enishi.organizations.models import Membership, Organization

    now = timezone.now()
    owner = Organization.objects.create(kind="company", name="測定社")
    town = Organization.objects.create(kind="municipality", name="測定市")
    person = Person.objects.create_user("bench@example.jp", None, name="測定")
    Membership.objects.create(
        person=person, organization=owner, role="partner_administrator", valid_from=timezone.localdate()
    )
    common = {
        "visibility": "public",
        "status": "open",
        "created_at": now,
        "updated_at": now,
        "published_at": now,
    }
    cans = [can for pair in read_pairs() for can in pair.cans][:RECORDS]
    Resource.objects.bulk_create(
        Resource(organization=owner, title=can[:40], offer=can, is_nationwide=True, **common) for can in cans
    )
    want = read_pairs()[0].want
    challenge = Challenge.objects.create(organization=town, title=want[:40], present_state=want, **common)
    return challenge, owner, person


def _measure(challenge, owner, person) -> None:  # type: ignore[no-untyped-def]
    from django.utils import timezone

    from enishi.exchange import services as exchange
    from enishi.exchange.matches import calculations, services
    from enishi.exchange.models import Resource

    services.rebuild(lambda _sentence: None)
    began = time.perf_counter()
    services.rebuild(lambda _sentence: None)
    rebuilt = 1000 * (time.perf_counter() - began)
    key = Resource.objects.order_by("pk").first().pk
    waited = []
    for number in range(SAVES):
        version = Resource.objects.get(pk=key).version
        text = f"{challenge.present_state} 測定{number}"
        began = time.perf_counter()
        exchange.edit_resource(
            resource_id=key, values={"offer": text}, version=version, actor=person, at=timezone.now()
        )
        answer = calculations.rank_resources(challenge, {0, 1}, at=timezone.now(), top=5)
        assert answer.matches[0].can_id == str(key)
        waited.append(1000 * (time.perf_counter() - began))
    print(f"p50={np.median(waited):.1f} max={max(waited):.1f} rebuild={rebuilt:.1f} rows={RECORDS}")


def _rest(name: str) -> None:
    """What a process holds once it has loaded everything and has nothing to do."""
    django.setup()
    from django.urls import get_resolver

    from enishi.exchange.matches.reader import reader
    from enishi.exchange.matches.store import store

    if name == "web":
        _ = get_resolver().url_patterns
        store.cans()
        store.wants()
    reader().evidence("あおば市の谷あいで、ひとり暮らしの高齢者の変化に気づくのが遅れる。" * 4, side="query")
    gc.collect()
    with open(f"/proc/{os.getpid()}/status", encoding="ascii") as status:  # noqa: PTH123
        resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    print(f"{name}_mib={resident / 1024:.1f}")


if __name__ == "__main__":
    main()

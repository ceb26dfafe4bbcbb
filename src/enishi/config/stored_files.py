"""Whether every file that a record names lies there, with the bytes that came in."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.exceptions import SuspiciousFileOperation
from django.db import models

_CHUNK = 1 << 20


@dataclass
class Stock:
    """What was found: how many files are whole, and which are gone or hold other bytes."""

    whole: int = 0
    gone: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


def take_stock() -> Stock:
    """Look at each file that any record names. Where the digest was taken when it came in, it is taken again."""
    stock = Stock()
    for name, file, digest in _named_files():
        try:
            now = _digest(file)
        except (OSError, SuspiciousFileOperation):
            stock.gone.append(name)
            continue
        if digest and now != digest:
            stock.changed.append(name)
        else:
            stock.whole += 1
    return stock


def _named_files() -> Iterator[tuple[str, Any, str]]:
    for model in apps.get_models():
        files = [each.attname for each in model._meta.concrete_fields if isinstance(each, models.FileField)]
        if not files:
            continue
        has_digest = len(files) == 1 and any(each.attname == "sha256" for each in model._meta.concrete_fields)
        fields = ["pk", *files, *(["sha256"] if has_digest else [])]
        for instance in model._base_manager.only(*fields).order_by("pk").iterator(chunk_size=500):
            for attribute in files:
                if file := getattr(instance, attribute):
                    digest = str(getattr(instance, "sha256", "")) if has_digest else ""
                    yield f"{model._meta.verbose_name} {file.name}", file, digest


def _digest(file: Any) -> str:
    digest = hashlib.sha256()
    with file.storage.open(file.name, "rb") as opened:
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()

"""Whatever any room says it did becomes an event here."""

from collections.abc import Iterable
from typing import Any

from django.dispatch import receiver

from enishi.audit import services
from enishi.foundation.trail import Act, acted


@receiver(acted)
def write_down(sender: object, *, acts: Iterable[Act], **kwargs: Any) -> None:
    services.append(acts)

"""Who may see and do what: the one question every page, operation, search and export asks."""

from abc import abstractmethod
from typing import Any, Generic, TypeAlias, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import models

Actor: TypeAlias = AbstractBaseUser | AnonymousUser
"""Somebody who asks: a signed-in person or a visitor."""

ModelT = TypeVar("ModelT", bound=models.Model)


class Access(Generic[ModelT]):
    """A room's answer for one kind of record. Each room keeps its own in ``access.py``."""

    @abstractmethod
    def visible(self, actor: Actor) -> models.QuerySet[ModelT, ModelT]:
        """The rows this actor may read."""

    @abstractmethod
    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        """Whether this actor may do ``action`` to ``instance`` (``None`` for making a new one)."""

    def require(self, actor: Actor, action: str, instance: ModelT | None = None) -> None:
        """Raise ``PermissionDenied`` unless ``allows``."""
        if not self.allows(actor, action, instance):
            raise PermissionDenied(action)

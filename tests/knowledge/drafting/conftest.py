"""Each test finds its own documents; and a language service that answers what it is told to."""

from tests.knowledge.answers.conftest import own_index
from tests.knowledge.answers.test_asking import writer

__all__ = ["own_index", "writer"]

"""The examples in the docstrings run."""

import doctest
import importlib
import pkgutil
from decimal import Decimal

import pytest

from enishi.engines import progress

MODULES = [
    progress.__name__,
    *(f"{progress.__name__}.{found.name}" for found in pkgutil.iter_modules(progress.__path__)),
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    result = doctest.testmod(importlib.import_module(name), extraglobs={"Decimal": Decimal})

    assert result.failed == 0

"""The examples in the docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

from enishi.engines import policydoc

MODULES = [
    policydoc.__name__,
    *(f"{policydoc.__name__}.{found.name}" for found in pkgutil.iter_modules(policydoc.__path__)),
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0

import pytest

from tests.indicators.making import House


@pytest.fixture
def house(db):
    return House()

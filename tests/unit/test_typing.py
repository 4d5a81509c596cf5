"""The names for annotations: each is that of its module, and works at run time too."""

from __future__ import annotations

import importlib
import subprocess
import sys
import typing

import pytest

import retention as rt
from retention import typing as names
from retention.testing import make_orders


def test_every_name_is_the_one_of_its_module():
    assert set(names.__all__) == set(names._WHERE)
    for name, module in names._WHERE.items():
        assert getattr(names, name) is getattr(importlib.import_module(f"retention.{module}"), name)


def test_a_wrapper_of_the_host_s_has_hints_that_resolve():
    def revenue(orders: names.Orders, period: rt.Period, within: names.Duration, tz: names.Zone) -> float: ...

    hints = typing.get_type_hints(revenue)
    assert hints["orders"] == names.Orders
    assert rt.Shop in typing.get_args(names.Orders)
    assert rt.order_count(make_orders({}), period=rt.Period.year(2026, tz="UTC")) == 0


def test_the_literals_are_those_that_records_take():
    for state in typing.get_args(names.PaymentState):
        assert rt.Order(id=1, customer_id=2, placed_at=NOON, amount=1, currency="EUR", payment_state=state)
    for unit in typing.get_args(names.Unit):
        assert next(rt.Period.year(2026, tz="UTC").split(unit))


NOON = rt.Period.day(2026, 3, 1, tz="UTC").start


def test_dir_shows_every_name_before_it_is_used():
    program = "from retention import typing; assert {*typing.__all__} <= set(dir(typing))"
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    "name, hint", [("Order", "'Orders'"), ("_private", None), ("Durations", "'Duration'")]
)
def test_an_unknown_name(name, hint):
    with pytest.raises(
        AttributeError, match=f"module 'retention.typing' has no attribute '{name}'"
    ) as caught:
        getattr(names, name)
    assert (hint or "") in str(caught.value)


def test_a_name_costs_no_more_than_its_module():
    program = "import sys; from retention.typing import Duration; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "retention._calendar" in loaded
    assert "retention.metrics" not in loaded

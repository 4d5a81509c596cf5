"""A snapshot says of every metric what its function says, of whatever records it is."""

from __future__ import annotations

import pytest

import retention as rt
from retention import METRICS
from retention.catalog import MetricSpec
from tests.conformance.asking import ask, content, due
from tests.conformance.worlds import PERIOD, World, shop_of, worlds_of

# A forecast rests on other periods than its own, which a snapshot does not count.
FIGURES = {name: spec for name, spec in METRICS.items() if name != "revenue_predictability_table"}


@pytest.mark.parametrize("spec", FIGURES.values(), ids=list(FIGURES))
def test_a_figure_of_a_snapshot_is_what_the_function_returns(spec):
    shown = [figure_agrees(spec, world) for world in worlds_of(spec)]
    assert shown.count(True) > 2


def figure_agrees(spec: MetricSpec, world: World) -> bool:
    """Whether there is such a figure in a snapshot of the world; if so, it must be the function's."""
    shop, keywords = shop_of(world), {**spec.usual, **due(spec)}
    expected = ask(spec, shop, **keywords)
    try:
        snapshot = rt.snapshot(shop, period=PERIOD, metrics=[spec.id], options={spec.id: due(spec)})
    except rt.MissingRecordsError:
        return False
    except rt.AsOfRequiredError:
        assert isinstance(expected, rt.AsOfRequiredError), world.name
        return False
    figure = snapshot.figure(spec.id)
    if isinstance(expected, rt.RetentionError):
        assert (figure.result, figure.error) == (None, type(expected)), world.name
        return False
    assert content(figure.result) == content(expected), world.name
    basis = getattr(expected, "basis", None)
    if basis is not None:
        said = (figure.partial, figure.observable, figure.undefined_because, figure.assumed, figure.options)
        assert said == (
            basis.partial,
            basis.observable,
            basis.undefined_because,
            basis.assumed,
            basis.options,
        )
        assert dict(figure.left_out) == dict(basis.left_out)
    return figure.state == "defined"

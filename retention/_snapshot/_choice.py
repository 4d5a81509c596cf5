"""Which metrics a snapshot holds, and by which of their definitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from retention._snapshot._figures import unknown_metric
from retention.catalog import METRICS, MetricSpec
from retention.errors import (
    InvalidTypeError,
    InvalidValueError,
    UndefinedMetricError,
    did_you_mean,
    shown,
)
from retention.periods import Period

__all__ = ["checked_options", "chosen", "given_for", "settled"]


def checked_options(options: object) -> dict[str, dict[str, Any]]:
    """By metric, the keywords that choose among its definitions.

    Raises:
        InvalidTypeError: When they are no mapping of mappings.
        TypeError: When a metric has no such keyword, or it is one of the snapshot itself.
        UnknownMetricError: When a metric is unknown.
    """
    found: dict[str, dict[str, Any]] = {}
    for metric, keywords in _mapping("options", options).items():
        if not isinstance(metric, str) or metric not in METRICS:
            raise unknown_metric(metric, METRICS)
        found[metric] = dict(_mapping(f"options[{metric!r}]", keywords))
        _check_keywords(METRICS[metric], found[metric])
    return found


def _mapping(name: str, value: object) -> Mapping[Any, Any]:
    if isinstance(value, Mapping):
        return value
    msg = f'{name} must be a mapping such as {{"recovery_rate": {{"within": timedelta(days=14)}}}} (got {shown(value)})'
    raise InvalidTypeError(msg)


def _check_keywords(spec: MetricSpec, keywords: Iterable[object]) -> None:
    for name in keywords:
        if name not in spec.options:
            there = f"it takes {', '.join(spec.options)}" if spec.options else "it takes none"
            msg = f"options: {spec.id} has no keyword {name}; {did_you_mean(name, spec.options)}{there}"
            raise TypeError(msg)


def chosen(metrics: Iterable[str] | None, options: Mapping[str, Mapping[str, Any]]) -> list[MetricSpec]:
    """The metrics of a snapshot.

    Args:
        metrics: Names; None for all that come down to a figure, and those that `options` tells what they must know.
        options: By metric, keywords.

    Raises:
        InvalidTypeError: When `metrics` is no iterable of names.
        InvalidValueError: When it is empty, or a metric needs a keyword that `options` does not give.
        UnknownMetricError: When a name is unknown.
    """
    if metrics is None:
        specs = [
            spec for spec in METRICS.values() if spec.id in options or (spec.shown and not _due(spec, {}))
        ]
    else:
        specs = _named(metrics)
    for spec in specs:
        due = _due(spec, options.get(spec.id, {}))
        if due:
            msg = (
                f"{spec.id} needs {', '.join(f'{name}=' for name in due)}; give it as "
                f"options={{{spec.id!r}: {{{due[0]!r}: ...}}}}"
            )
            raise InvalidValueError(msg)
    return specs


def _named(metrics: object) -> list[MetricSpec]:
    if isinstance(metrics, str) or not isinstance(metrics, Iterable):
        msg = f'metrics must be an iterable of names such as ["order_count"] (got {shown(metrics)})'
        raise InvalidTypeError(msg)
    names = list(metrics)
    for name in names:
        if not isinstance(name, str) or name not in METRICS:
            raise unknown_metric(name, METRICS)
    if not names:
        msg = "metrics must hold at least one name (got none); leave it out for all"
        raise InvalidValueError(msg)
    return [METRICS[name] for name in dict.fromkeys(names)]


def _due(spec: MetricSpec, given: Mapping[str, Any]) -> list[str]:
    """Keywords that a metric must be told, and is not."""
    return [name for name in spec.due if name not in given and name not in spec.usual]


def settled(options: Mapping[str, Mapping[str, Any]], periods: Sequence[Period]) -> dict[str, dict[str, Any]]:
    """The options, those that belong to one period by their period: a single amount is that of the only one.

    Raises:
        InvalidValueError: When one amount is given for several periods.
    """
    found: dict[str, dict[str, Any]] = {}
    for metric, keywords in options.items():
        found[metric] = dict(keywords)
        for name in METRICS[metric].per_period:
            if name not in keywords or isinstance(keywords[name], Mapping):
                continue
            value = keywords[name]
            if len(periods) > 1:
                msg = (
                    f"options: {metric} needs {name} of each period, as {{period: amount}} "
                    f"(got {shown(value)} for {len(periods)} periods)"
                )
                raise InvalidValueError(msg)
            found[metric][name] = {periods[0]: value}
    return found


def given_for(spec: MetricSpec, options: Mapping[str, Any], period: Period) -> dict[str, Any]:
    """The keywords with which a metric is read in one period.

    Raises:
        UndefinedMetricError: When one was not given for this period.
    """
    found = {**spec.usual, **options}
    for name in spec.per_period:
        by_period = found[name]  # what is due is given, and settled by period
        if period not in by_period:
            msg = f"{name}= of {period.label} was not given; give {{period: amount}} for both periods"
            raise UndefinedMetricError(msg)
        found[name] = by_period[period]
    return found

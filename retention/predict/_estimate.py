"""A figure of a model that knows how sure it is itself: on the scale that keeps it in range, by the delta method."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, Protocol, Self, TypeAlias, TypeVar

from attrs import field, frozen

from retention._numerics import check_confidence, normal_quantile
from retention.errors import InvalidTypeError, InvalidValueError, UndefinedMetricError, is_bool, shown
from retention.predict._optimise import Matrix
from retention.results import Interval

__all__ = [
    "LARGEST",
    "STEP",
    "Estimate",
    "Kind",
    "Movable",
    "delta_error",
    "error_of",
    "estimated",
    "neighbours",
]

Kind: TypeAlias = Literal["positive", "probability", "real"]
"""What a figure can be, and so the scale on which its interval is made: logarithm, logit, or plain."""

STEP = 1e-4
"""Step of the delta method: by so much the logarithm of each parameter is moved to both sides."""
_UNFITTED = "the interval requires a model that was fitted: the parameters of this one were given"
_UNDEFINED = "n/a"


# ------------------------------------------------------------------------------------------ one figure


def _check_finite(name: str, value: object) -> None:
    if is_bool(value) or not isinstance(value, (int, float)):
        msg = f"{name} must be a float, not {type(value).__name__} (got {shown(value)})"
        raise InvalidTypeError(msg)
    if not math.isfinite(value):
        msg = f"{name} must be finite (got {shown(value)}); give None and say why in undefined_because"
        raise InvalidValueError(msg)


@frozen(kw_only=True)
class Estimate:
    """A figure that a model gives, and how sure it is.

    The standard error and the interval tell how far the figure may be from what the model would say, had it been
    fitted to endless data of the same kind. They tell nothing of a model that does not suit the data, and do not hold
    what chance does to single customers.

    Attributes:
        value: The figure, or None where it is undefined.
        standard_error: Of the value, in its own unit, by the delta method; None where it is not known.
        kind: ``"positive"``, ``"probability"`` or ``"real"``: the interval stays within what such a figure can be.
        unit: What it counts: a currency, or a word such as ``"weeks"``; None for a plain number.
        undefined_because: Why there is no value, or None when there is one.
        about: Of what is to be expected, what that is, in words such as "expected within 13 weeks"; None of other figures.
            Takes no part in equality.

    .. versionadded:: 0.1

    >>> estimate = Estimate(value=0.5, standard_error=0.05, kind="probability")
    >>> print(estimate, estimate.interval())
    50.0% 40.3% to 59.7%
    """

    value: float | None
    standard_error: float | None = None
    kind: Kind = "positive"
    unit: str | None = None
    undefined_because: str | None = None
    about: str | None = field(default=None, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.kind not in {"positive", "probability", "real"}:
            msg = f'Estimate.kind must be "positive", "probability" or "real" (got {shown(self.kind)})'
            raise InvalidValueError(msg)
        if self.value is None:
            if not self.undefined_because:
                msg = "Estimate.undefined_because must say why, where value is None"
                raise InvalidValueError(msg)
            return
        if self.undefined_because is not None:
            msg = f"Estimate.undefined_because (got {shown(self.undefined_because)}) must be None where there is a value"
            raise InvalidValueError(msg)
        _check_finite("Estimate.value", self.value)
        low, high = _RANGES[self.kind]
        if not low <= self.value <= high:
            msg = f"Estimate.value of a {self.kind} figure must lie from {low:g} to {high:g} (got {shown(self.value)})"
            raise InvalidValueError(msg)
        if self.standard_error is not None:
            _check_finite("Estimate.standard_error", self.standard_error)
            if self.standard_error < 0:
                msg = f"Estimate.standard_error must not be negative (got {shown(self.standard_error)})"
                raise InvalidValueError(msg)

    def __float__(self) -> float:
        if self.value is None:
            raise UndefinedMetricError(self.undefined_because)
        return float(self.value)

    def __format__(self, spec: str) -> str:
        return _UNDEFINED if self.value is None else format(self.value, spec or self._shown_as)

    def __str__(self) -> str:
        text = format(self)
        if not self.unit or self.value is None:
            return text
        return f"{text} {self.unit.removesuffix('s') if text == '1' else self.unit}"

    @property
    def _shown_as(self) -> str:
        if self.kind == "probability":
            return ".1%"
        is_money = self.unit is not None and self.unit.isupper()
        return ",.2f" if is_money or abs(self.value or 0) >= 100 else ".4g"

    def interval(self, confidence: float = 0.95) -> Interval:
        """The confidence interval: value ± z·standard error, on the scale that keeps it within its range.

        Of a positive figure on the logarithmic scale, value / f to value · f with f = exp(z·error / value); of a
        probability on the scale of log(p / (1 − p)).

        Args:
            confidence: Level between 0 and 1.

        Raises:
            UndefinedMetricError: When there is no value, or no standard error, as of a model whose parameters were
                given.

        .. versionadded:: 0.1
        """
        z = normal_quantile(check_confidence(confidence))
        value = float(self)
        if self.standard_error is None:
            raise UndefinedMetricError(_UNFITTED)
        low, high = _bounds(value, z * self.standard_error, self.kind)
        return Interval(
            low=low, high=high, confidence=confidence, method=_METHODS[self.kind], shown_as=self._shown_as
        )

    def explain(self) -> str:
        """The figure in words, with its interval or the reason why there is no value.

        .. versionadded:: 0.1
        """
        if self.value is None:
            return f"No value, since {self.undefined_because}."
        figure = f"{self!s} {self.about}" if self.about else f"{self!s}"
        return f"{figure}{self._how_sure()}."

    def _how_sure(self) -> str:
        """The interval in brackets, where there is one; of what is expected it tells nothing of chance."""
        if self.standard_error is None:
            return ""
        if self.about is None:
            return f" (95 % interval {self.interval()})"
        return f" (95 % interval of what is expected {self.interval()}; what comes varies more)"


_RANGES: dict[Kind, tuple[float, float]] = {
    "positive": (0.0, math.inf),
    "probability": (0.0, 1.0),
    "real": (-math.inf, math.inf),
}
_METHODS: dict[Kind, str] = {
    "positive": "delta method on a logarithmic scale",
    "probability": "delta method on a logit scale",
    "real": "delta method",
}
LARGEST = 1.7e308
"""What stands for an end of an interval that there is not; its text says "or more"."""


def _bounds(value: float, reach: float, kind: Kind) -> tuple[float, float]:
    """Both ends of value ± reach, where the reach is turned to the figure's own scale."""
    if not reach:
        return value, value
    if kind == "real":
        return max(-LARGEST, value - reach), min(LARGEST, value + reach)
    if kind == "positive":
        times = _exp(reach / value) if value else math.inf
        return value / times, min(LARGEST, value * times) if value else reach
    spread = value * (1 - value)
    if not spread:  # so near to an end that its odds are lost
        return max(0.0, value - reach), min(1.0, value + reach)
    times = _exp(reach / spread)
    return value / (value + (1 - value) * times), _share(value, times)


def _exp(x: float) -> float:
    return math.exp(min(x, 700.0))


def _share(value: float, times: float) -> float:
    """The probability whose odds are `times` larger."""
    return value / (value + (1 - value) / times)


# ------------------------------------------------------------------------------------ the delta method


class Movable(Protocol):
    """What figures can be estimated with: a fitted model, or several that go together."""

    @property
    def _log_parameters(self) -> tuple[float, ...]:
        """The logarithms of the parameters."""
        ...

    @property
    def _covariance(self) -> Matrix | None:
        """Their covariance; None where they were not fitted."""
        ...

    def _moved(self, log_parameters: Sequence[float]) -> Self:
        """The same with other parameters."""
        ...


_M = TypeVar("_M", bound=Movable)


def neighbours(model: _M) -> Iterator[tuple[_M, _M]]:
    """For each parameter the model with a little more and a little less of it, by `STEP` in its logarithm."""
    here = model._log_parameters  # noqa: SLF001 - the protocol of this module
    for place in range(len(here)):
        up, down = list(here), list(here)
        up[place] += STEP
        down[place] -= STEP
        yield model._moved(up), model._moved(down)  # noqa: SLF001 - the protocol of this module


def delta_error(model: _M, function: Callable[[_M], float]) -> float | None:
    """The standard error of what a function says of a model: √(gᵀΣg), with g by central differences.

    None where the model was not fitted, or where the function has no value just beside it.
    """
    covariance = model._covariance  # noqa: SLF001 - the protocol of this module
    if covariance is None:
        return None
    try:
        slopes = [(function(up) - function(down)) / (2 * STEP) for up, down in neighbours(model)]
    except UndefinedMetricError:
        return None
    return error_of(slopes, covariance)


def error_of(slopes: Sequence[float], covariance: Matrix) -> float | None:
    """√(gᵀΣg), or None where it is too large for a float."""
    # Scaled, so that no product overflows; what is not finite stays so.
    largest = max(map(abs, slopes), default=0.0)
    if not largest or not math.isfinite(largest):
        return None if largest else 0.0
    parts = [each / largest for each in slopes]
    variance = sum(x * y * covariance[i][j] for i, x in enumerate(parts) for j, y in enumerate(parts))
    error = largest * math.sqrt(max(0.0, variance))
    return error if math.isfinite(error) else None


def estimated(
    model: _M,
    function: Callable[[_M], float],
    *,
    kind: Kind = "positive",
    unit: str | None = None,
    about: str | None = None,
) -> Estimate:
    """What a function says of a model, with its standard error; undefined where the function is."""
    try:
        value = function(model)
    except UndefinedMetricError as error:
        return Estimate(value=None, kind=kind, unit=unit, undefined_because=str(error))
    error_of_it = delta_error(model, function)
    return Estimate(value=value, standard_error=error_of_it, kind=kind, unit=unit, about=about)

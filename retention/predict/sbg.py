"""Customers on a contract that they renew or end: the shifted-beta-geometric model."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any, ClassVar, Self, Unpack

from attrs import field, frozen

from retention._calendar import Duration
from retention._numerics import normal_quantile
from retention._record_reading import MoneyReading
from retention._subscription_facts import Subscriptions
from retention._zones import Zone
from retention.errors import (
    ConvergenceError,
    UndefinedMetricError,
)
from retention.predict._bootstrap import Bootstrap, bootstrapped, seeded
from retention.predict._endless import EndlessEstimate, Remaining, reaches_one
from retention.predict._model import Estimate, FitReport, Model, hardly_held, parameter
from retention.predict._optimise import Objective, maximise
from retention.predict._renewals import (
    MOST_RENEWALS,
    Renewals,
    cohorts_of,
    renewals_of_cohorts,
    renewals_of_counts,
    renewals_of_subscriptions,
    whole_number,
)
from retention.predict._special import log_gamma_ratio, log_hyp2f1
from retention.predict._terms import non_negative
from retention.predict._time_units import DAYS_IN, TimeUnit, checked_unit

__all__ = ["ShiftedBetaGeometric"]

_USUAL = 0.95


def _check_unit(model: object, attribute: Any, value: object) -> None:
    checked_unit(value, owner=type(model).__name__, field=attribute.name)


@frozen(kw_only=True)
class ShiftedBetaGeometric(Model):
    r"""How long customers stay who renew a contract period by period, and what they are worth.

    At each renewal a customer is lost with a probability of their own, which stays the same for life. These
    probabilities differ between customers as a beta distribution does. So those who leave easily leave first, and the
    share of a cohort that renews rises from renewal to renewal, although nobody changes:

    .. math:: S(t) = \frac{B(\alpha, \beta + t)}{B(\alpha, \beta)}, \qquad r_t = \frac{\beta + t - 1}{\alpha + \beta + t - 1}

    S(t) is the share still there after t renewals, r(t) the share of those before renewal t who make it.

    Use it where it is known who has left, as of subscriptions, and where customers can leave at renewals only. It is
    not for shops, where customers leave without telling (`BgNbd`), nor where customers tire with time: then the share
    that renews falls, which this model can't show.

    Attributes:
        alpha: First parameter of the beta distribution of the probability to be lost, above 0.
        beta: Second parameter, above 0; α / (α + β) is the share of newcomers lost at the first renewal.
        unit: The time from one renewal to the next.
        report: How it was fitted; None where the parameters were given.

    References:
        Fader and Hardie (2007), "How to project customer retention", Journal of Interactive Marketing 21 (1), 76-90;
        Fader and Hardie (2010), "Customer-base valuation in a contractual setting", Marketing Science 29 (1), 85-93.

    .. versionadded:: 0.1

    >>> model = ShiftedBetaGeometric.fit([1000, 869, 743, 653, 593, 551, 517, 491], unit="year")
    >>> print(f"alpha {model.alpha:.3f}, beta {model.beta:.3f}")
    alpha 0.668, beta 3.806
    >>> print(model.survival(12), model.survival(12).interval())
    37.8% 34.1% to 41.7%
    """

    _TITLE: ClassVar[str] = "sBG"
    alpha: float = parameter()
    beta: float = parameter()
    unit: TimeUnit = field(validator=_check_unit)

    # ------------------------------------------------------------------------------------------- the fit

    @classmethod
    def fit(cls, survivors: Sequence[int] | Iterable[Sequence[int]], /, *, unit: TimeUnit) -> Self:
        """The model that makes the survivors of a cohort likeliest, or of several cohorts together.

        Args:
            survivors: The customers of a cohort at its start, after the first renewal, the second, and so on. Or one
                such row a cohort, which may be of different lengths.
            unit: The time from one renewal to the next.

        Raises:
            InvalidTypeError: When something is no count, such as a share.
            InvalidValueError: When a count is negative or rises from one renewal to the next.
            NotIdentifiableError: When the counts can't tell two parameters: nobody lost, nobody renewed, one renewal.
            ConvergenceError: When the share that renews does not rise, so that no parameters fit best.

        .. versionadded:: 0.1
        """
        return cls._fitted(renewals_of_cohorts(survivors, f"{cls.__name__}.fit"), unit, "fit")

    @classmethod
    def fit_counts(cls, counts: Mapping[int, tuple[int, int]], /, *, unit: TimeUnit) -> ShiftedBetaGeometric:
        """The same of customers who began at different times, counted by how many renewals they have come to.

        Args:
            counts: By the number of renewals that customers have come to: how many were lost at the last of them, and
                how many made it and have not come to the next yet.
            unit: The time from one renewal to the next.

        Raises:
            InvalidTypeError: When something is no count.
            InvalidValueError: When a count is negative, or customers are lost before the first renewal.
            NotIdentifiableError: As of `fit`.
            ConvergenceError: As of `fit`.

        .. versionadded:: 0.1

        >>> counts = {0: (0, 40), 1: (131, 100), 2: (70, 90), 3: (40, 529)}
        >>> print(ShiftedBetaGeometric.fit_counts(counts, unit="month").retention_rate(4))
        94.2%
        """
        return cls._fitted(renewals_of_counts(counts, f"{cls.__name__}.fit_counts"), unit, "fit_counts")

    @classmethod
    def fit_subscriptions(
        cls,
        subscriptions: Subscriptions,
        /,
        *,
        unit: TimeUnit,
        tz: Zone,
        bridge: Duration | None = None,
        **reading: Unpack[MoneyReading],
    ) -> Self:
        """The same of subscriptions, each customer followed for as long as the data reach.

        A customer counts from the first payment on, for the first time as a subscriber: a change of plan or a pause
        is no end, and who came back after leaving is not followed again. Whoever ends within a unit of time is lost
        at the renewal that follows it; those who have not ended are watched until `as_of`, in whole units from the
        day on which they began. Those who began before `observed_from` are watched from then on only, since others who
        began with them may have left unseen.

        Args:
            subscriptions: The subscriptions, or a `Shop`.
            unit: The time from one renewal to the next.
            tz: The zone whose days are meant.
            bridge: A time without any span in force, up to so long, is no end.
            reading: How to read the subscriptions; `as_of` is needed. See `MoneyReading`.

        Raises:
            AsOfRequiredError: When it is not known until when the data were known.
            NotIdentifiableError: As of `fit`.
            ConvergenceError: As of `fit`.

        .. versionadded:: 0.1
        """
        unit = checked_unit(unit, owner=f"{cls.__name__}.fit_subscriptions")
        name = f"{cls.__name__}.fit_subscriptions"
        found = renewals_of_subscriptions(
            subscriptions, unit=unit, tz=tz, bridge=bridge, reading=dict(reading), owner=name
        )
        return cls._fitted(found, unit, "fit_subscriptions")

    @classmethod
    def _fitted(cls, renewals: Renewals, unit: TimeUnit, name: str) -> Self:
        owner = f"{cls.__name__}.{name}"
        checked_unit(unit, owner=owner)
        renewals.check_identifiable(owner)
        share = sum(renewals.lost) / sum(renewals.at_risk)
        starts = [(math.log(share * size), math.log((1 - share) * size)) for size in (2.0, 20.0)]
        try:
            optimum = maximise(_likelihood(renewals), starts, owner=owner)
        except ConvergenceError as error:
            msg = (
                f"{error}. Where the share that renews does not rise from renewal to renewal, customers are alike, or tire: "
                f"then take the shares as they are, as survival_curve does"
            )
            raise ConvergenceError(msg) from None
        alpha, beta = map(math.exp, optimum.position)
        report = FitReport(
            log_likelihood=optimum.value,
            customers=renewals.customers,
            groups=len(renewals.at_risk),
            iterations=optimum.iterations,
            evaluations=optimum.evaluations,
            covariance=optimum.covariance,
            warnings=(
                *hardly_held(cls._parameter_names(), optimum.covariance),
                *_may_have_no_end(optimum.position[0], math.sqrt(optimum.covariance[0][0])),
            ),
        )
        return cls(alpha=alpha, beta=beta, unit=unit, report=report)

    def _story(self) -> Iterable[str]:
        lost = self._mean_in_words(lambda model: model.alpha / (model.alpha + model.beta), "probability")
        yield f"At the first renewal {lost} of newcomers are lost (alpha / (alpha + beta)), at each later one a smaller share."

    # ------------------------------------------------------------------------------------ what it tells

    def survival(self, renewals: int, /) -> Estimate:
        """Share of newcomers who are still there after so many renewals.

        Args:
            renewals: How many, from 0 up.

        Raises:
            InvalidTypeError: When it is no int.
            InvalidValueError: When it is negative.

        .. versionadded:: 0.1
        """
        t = whole_number(renewals, f"{type(self).__name__}.survival: renewals", most=MOST_RENEWALS)
        return self.estimate(lambda model: _staying(model, 0, t), kind="probability")

    def retention_rate(self, renewal: int, /) -> Estimate:
        """Share of those who come to a renewal that make it: of a whole cohort, 1 the first renewal of all.

        Args:
            renewal: Which renewal, from 1 up.

        Raises:
            InvalidTypeError: When it is no int.
            InvalidValueError: When it is below 1.

        .. versionadded:: 0.1
        """
        t = whole_number(
            renewal, f"{type(self).__name__}.retention_rate: renewal", least=1, most=MOST_RENEWALS
        )
        return self.estimate(lambda model: _staying(model, t - 1, t), kind="probability")

    def probability_renews(self, *, renewals: int, times: int = 1) -> Estimate:
        """Probability that a customer who has renewed so often will do so again, or that many times in a row.

        Args:
            renewals: How often the customer has renewed, from 0 up.
            times: How many times more.

        Raises:
            InvalidTypeError: When one of them is no int.
            InvalidValueError: When one of them is negative.

        .. versionadded:: 0.1

        >>> model = ShiftedBetaGeometric(alpha=1, beta=2, unit="month")
        >>> print(model.probability_renews(renewals=0), model.probability_renews(renewals=3))
        66.7% 83.3%
        """
        owner = f"{type(self).__name__}.probability_renews"
        made = whole_number(renewals, f"{owner}: renewals", most=MOST_RENEWALS)
        more = whole_number(times, f"{owner}: times", most=MOST_RENEWALS)
        return self.estimate(lambda model: _staying(model, made, made + more), kind="probability")

    def expected_tenure(self, *, within: int | None = None) -> Estimate:
        r"""How many units of time newcomers stay on average, the first included, which all have.

        .. math:: \sum_{t \ge 0} S(t) = \frac{\alpha + \beta - 1}{\alpha - 1}

        With α up to 1 so many customers hardly ever leave that the sum has no end; then ask for the tenure within a
        number of units.

        Args:
            within: Count the time within so many units of the start only, 1 to 100,000; None for all time.

        Returns:
            The mean in units of the model. Undefined when α is not above 1 and `within` is not given. Without `within`
            the interval goes from the least to the greatest mean that parameters within their joint interval give, and
            has no upper end where α may be 1: it reads "12.3 or more", and `high` is the largest float.

        Raises:
            InvalidTypeError: When `within` is no int.
            InvalidValueError: When it is below 1, or too large.

        .. versionadded:: 0.1

        >>> model = ShiftedBetaGeometric(alpha=3, beta=5, unit="month")
        >>> print(model.expected_tenure(), "or", model.expected_tenure(within=2))
        3.5 months or 1.625 months
        """
        unit = f"{self.unit}s"
        if within is None:
            return self._endless(self.estimate(_tenure, unit=unit), first=1.0)
        name = f"{type(self).__name__}.expected_tenure: within"
        units = whole_number(within, name, least=1, most=MOST_RENEWALS)
        return self.estimate(lambda model: _tenure_within(model, units), unit=unit)

    def discounted_residual_lifetime(self, *, renewals: int, discount_rate: float | Decimal) -> Estimate:
        r"""What is still to come of a customer just before a renewal: units of time, those later worth less.

        .. math:: \sum_{k \ge 1} \frac{S(n + k)}{S(n)} (1 + d)^{-(k - 1)}

        n is how often the customer has renewed, d the discount rate for one unit. Times the margin of a unit it is
        what the customer is worth; see `customer_lifetime_value`.

        Args:
            renewals: How often the customer has renewed so far, from 0 up.
            discount_rate: What money earns in a year elsewhere, such as 0.1; 0 for none.

        Returns:
            Units of the model, the one that would begin with this renewal in full. Undefined when nothing is
            discounted and α is not above 1.

        Raises:
            InvalidTypeError: When `renewals` is no int, or the rate no number.
            InvalidValueError: When one of them is negative, or the rate not finite.

        .. versionadded:: 0.1
        """
        owner = f"{type(self).__name__}.discounted_residual_lifetime"
        made = whole_number(renewals, f"{owner}: renewals", most=MOST_RENEWALS)
        decay = self._decay(discount_rate, owner)
        found = self.estimate(lambda model: _residual(model, made, decay), unit=f"{self.unit}s")
        return found if decay else self._endless(found, made=made)

    def customer_lifetime_value(
        self,
        *,
        margin: float | Decimal,
        discount_rate: float | Decimal,
        renewals: int | None = None,
        currency: str | None = None,
    ) -> Estimate:
        """What a customer is worth: the margins of all units of time still to come, discounted to now.

        Of a newcomer it holds the first unit, paid now. Of a customer who has renewed n times, it is taken just before
        the next renewal, and holds what is paid with it if it is made.

        Args:
            margin: What one unit of time brings after costs, in money, from 0 up.
            discount_rate: What money earns in a year elsewhere, such as 0.1; 0 for none.
            renewals: How often the customer has renewed so far; None for a newcomer about to pay for the first time.
            currency: The currency of the margin, for texts.

        Returns:
            The value, with the interval that the parameters give it. Undefined when nothing is discounted and α is
            not above 1.

        Raises:
            InvalidTypeError: When `renewals` is no int, or the margin or the rate no number.
            InvalidValueError: When one of them is negative or not finite.

        .. versionadded:: 0.1

        >>> model = ShiftedBetaGeometric(alpha=0.668, beta=3.806, unit="year")
        >>> print(model.customer_lifetime_value(margin=50, discount_rate=0.1, currency="EUR"))
        296.13 EUR
        """
        owner = f"{type(self).__name__}.customer_lifetime_value"
        made = None if renewals is None else whole_number(renewals, f"{owner}: renewals", most=MOST_RENEWALS)
        money = non_negative(margin, f"{owner}: margin", "give what one unit of time brings after costs")
        decay = self._decay(discount_rate, owner)

        def value(model: ShiftedBetaGeometric) -> float:
            return money * (
                _lifetime(model.alpha, model.beta, decay) if made is None else _residual(model, made, decay)
            )

        found = self.estimate(value, unit=currency)
        if decay or not money:
            return found
        return self._endless(found, first=float(made is None), made=made or 0, scale=money)

    def _endless(self, found: Estimate, *, first: float = 0.0, made: int = 0, scale: float = 1.0) -> Estimate:
        """The same undiscounted figure, with the interval of one that may have no end."""
        if self.report is None or found.value is None:
            return found
        alpha, beta = self._log_parameters
        remaining = Remaining(alpha, beta, self.report.covariance, first, made, scale)
        return EndlessEstimate(
            value=found.value, standard_error=found.standard_error, unit=found.unit, remaining=remaining
        )

    # ------------------------------------------------------------------------------- drawn from the model

    def simulate(self, customers: int, /, *, renewals: int, seed: int) -> tuple[int, ...]:
        """A cohort drawn from the model: how many are there at the start and after each renewal.

        Args:
            customers: How many begin.
            renewals: How many renewals to watch them.
            seed: Any int; the same gives the same cohort.

        Raises:
            InvalidTypeError: When something is no int.
            InvalidValueError: When a number is negative.

        .. versionadded:: 0.1

        >>> ShiftedBetaGeometric(alpha=1, beta=2, unit="year").simulate(1000, renewals=3, seed=1)
        (1000, 646, 490, 400)
        """
        owner = f"{type(self).__name__}.simulate"
        size = whole_number(customers, f"{owner}: customers")
        length = whole_number(renewals, f"{owner}: renewals", most=MOST_RENEWALS)
        return self._drawn(seeded(seed, owner=owner), size, length)

    def bootstrap(
        self, survivors: Sequence[int] | Iterable[Sequence[int]], /, *, replications: int, seed: int
    ) -> Bootstrap[Self]:
        """The model fitted anew to cohorts that it has drawn itself: how far chance alone may move it.

        Args:
            survivors: The cohorts that the model was fitted to, as `fit` takes them, of which only their sizes at the
                start and their lengths count.
            replications: How often to draw them; 200 give a rough interval at 95 %, 1,000 a steady one.
            seed: Any int; the same gives the same cohorts.

        Raises:
            InvalidTypeError: When something is no count.
            InvalidValueError: When `replications` is below 2, or a count out of its domain.
            ConvergenceError: When hardly any drawn cohorts could be fitted.

        .. versionadded:: 0.1
        """
        owner = f"{type(self).__name__}.bootstrap"
        cohorts = [(there[0], len(there) - 1) for there in cohorts_of(survivors, owner)]
        random = seeded(seed, owner=owner)

        refit = partial(self._redrawn, random, cohorts, owner)
        return bootstrapped(refit, replications=replications, seed=seed, owner=owner)

    def _redrawn(self, random: Random, cohorts: Iterable[tuple[int, int]], owner: str) -> Self:
        """The model of cohorts of the same sizes and lengths that this one has drawn."""
        drawn = [self._drawn(random, size, length) for size, length in cohorts]
        return self._fitted(renewals_of_cohorts(drawn, owner), self.unit, "bootstrap")

    def _drawn(self, random: Random, customers: int, renewals: int) -> tuple[int, ...]:
        there = [customers]
        for renewal in range(renewals):
            stays = _staying(self, renewal, renewal + 1)
            there.append(sum(random.random() < stays for _ in range(there[-1])))
        return tuple(there)

    # ----------------------------------------------------------------------------------------- discounting

    def _decay(self, discount_rate: float | Decimal, owner: str) -> float:
        """The continuous rate at which money loses value in one unit of the model."""
        rate = non_negative(discount_rate, f"{owner}: discount_rate", "0.1 stands for 10 % a year")
        return math.log1p(rate) * DAYS_IN[self.unit] / DAYS_IN["year"]


def _may_have_no_end(log_alpha: float, error: float) -> Iterable[str]:
    """What to know where alpha may lie on either side of 1."""
    reach = normal_quantile(_USUAL) * error
    if reaches_one(log_alpha, error, normal_quantile(_USUAL)) and log_alpha + reach > 0:
        low, high = math.exp(log_alpha - reach), math.exp(log_alpha + reach)
        yield (
            f"The 95 % interval of alpha, {low:.4g} to {high:.4g}, holds 1, and up to 1 the mean time that customers stay "
            f"has no end: nothing bounds expected_tenure() and undiscounted values from above. Ask within= a number of "
            f"units, or give a discount_rate."
        )


# ------------------------------------------------------------------------------------------ in floats


def _staying(model: ShiftedBetaGeometric, there: int, then: int) -> float:
    """S(then) / S(there)."""
    start, more = model.beta + there, then - there
    if more == 1:
        return start / (model.alpha + start)
    return math.exp(log_gamma_ratio(start, more) - log_gamma_ratio(start + model.alpha, more))


def _tenure(model: ShiftedBetaGeometric) -> float:
    return _lifetime(model.alpha, model.beta, 0.0, fix="give within=, a number of units of time")


def _tenure_within(model: ShiftedBetaGeometric, units: int) -> float:
    there, total = 1.0, 0.0
    for renewal in range(units):
        total += there
        there *= (model.beta + renewal) / (model.alpha + model.beta + renewal)
    return total


def _lifetime(alpha: float, beta: float, decay: float, *, fix: str = "give a discount_rate above 0") -> float:
    """Σ S(t)·e^(−decay·t) from t = 0 on, which is ₂F₁(1, β; α + β; e^(−decay))."""
    if decay:
        return math.exp(log_hyp2f1(1.0, beta, alpha + beta, math.exp(-decay), rest=-math.expm1(-decay)))
    if alpha <= 1:
        msg = f"with alpha not above 1 (here {alpha:.4g}) so many hardly ever leave that the mean has no end; {fix}"
        raise UndefinedMetricError(msg)
    return (alpha + beta - 1) / (alpha - 1)


def _residual(model: ShiftedBetaGeometric, made: int, decay: float) -> float:
    """Of a customer just before a renewal: after it, the customer is as a newcomer whose β is larger by n + 1."""
    beta = model.beta + made
    return beta / (model.alpha + beta) * _lifetime(model.alpha, beta + 1, decay)


def _likelihood(renewals: Renewals) -> Objective:
    """Σ lost·log(1 − r(t)) + renewed·log r(t), and its slopes at log α and log β."""
    rows = [
        (number, lost, at_risk - lost)
        for number, (at_risk, lost) in enumerate(zip(renewals.at_risk, renewals.lost, strict=True))
        if at_risk
    ]

    def objective(position: Sequence[float]) -> tuple[float, Sequence[float]]:
        alpha, beta = math.exp(position[0]), math.exp(position[1])
        value = by_alpha = by_beta = 0.0
        for number, lost, kept in rows:
            stay = beta + number
            whole = alpha + stay
            value -= lost * math.log1p(stay / alpha) + kept * math.log1p(alpha / stay)
            by_alpha += (lost * stay - kept * alpha) / whole
            by_beta += (kept * alpha / stay - lost) * beta / whole
        return value, (by_alpha, by_beta)

    return objective

"""MBG/NBD: customers who may leave after any purchase, the first one too (Batislam, Denizel & Filiztekin 2007)."""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from retention.predict._beta_geometric_model import BetaGeometric

__all__ = ["MbgNbd"]


@frozen(kw_only=True)
class MbgNbd(BetaGeometric):
    r"""Who is still a customer, and how many purchases are to come, where many try a shop once and never return.

    As in BG/NBD a customer purchases at random times, at a constant rate of their own, and leaves for good after a
    purchase with a probability of their own; but here after the first purchase already. Over customers the rates follow
    a Gamma distribution with shape r and rate alpha, and the probabilities a Beta distribution with parameters a and b:

    .. math::
        L(r, \alpha, a, b \mid x, t_x, T) = \frac{\Gamma(r + x)\,\alpha^r}{\Gamma(r)}\,
        \frac{B(a, b + x + 1)}{B(a, b)}
        \left[\frac{1}{(\alpha + T)^{r + x}} + \frac{a}{b + x}\,\frac{1}{(\alpha + t_x)^{r + x}}\right]

    for x repeat purchases, the last at time :math:`t_x` after the first purchase (0 if there was none), of somebody
    watched for a time T.

    A one-time buyer's probability to be still a customer falls with the silence, as that of everyone. Else it has
    BG/NBD's limits: no contracts, no season, no trend, and rates that are independent of the chances to leave.

    Attributes:
        r: Shape of the purchase rates: the smaller, the more customers differ.
        alpha: Rate parameter of these, in units of time: the mean purchase rate is r / alpha.
        a: First parameter of the chances to leave, of which the mean is a / (a + b).
        b: Second parameter of the chances to leave.
        unit: The unit of time.
        report: How it was fitted; None where the parameters were given.

    >>> import retention as rt
    >>> model = rt.MbgNbd(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week")
    >>> print(model.probability_alive(rt.Purchases(frequency=0, recency=0, age=10)))
    52.2%
    >>> print(model.probability_alive(rt.Purchases(frequency=0, recency=0, age=40)))
    38.7%

    References:
        Batislam, Denizel and Filiztekin (2007), Empirical validation and comparison of models for customer base
        analysis, International Journal of Research in Marketing 24 (3), 201-209. Hoppe and Wagner (2007), Customer
        Base Analysis: The Case for a Central Variant of the Betageometric/NBD Model, Marketing: Journal of Research
        and Management 3 (2), 75-90.

    .. versionadded:: 0.1
    """

    _TITLE: ClassVar[str] = "MBG/NBD"
    _FIRST: ClassVar[int] = 1

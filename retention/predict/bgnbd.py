"""BG/NBD: customers who may leave after any repeat purchase (Fader, Hardie & Lee 2005)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from attrs import frozen

from retention.predict._beta_geometric_model import BetaGeometric
from retention.predict._repeat_purchases import Group

__all__ = ["BgNbd"]


@frozen(kw_only=True)
class BgNbd(BetaGeometric):
    r"""Who is still a customer, and how many purchases are to come, where nobody says goodbye.

    A customer purchases at random times, at a constant rate of their own, and after each repeat purchase leaves for
    good with a probability of their own. Over customers the rates follow a Gamma distribution with shape r and rate
    alpha, and the probabilities a Beta distribution with parameters a and b:

    .. math::
        L(r, \alpha, a, b \mid x, t_x, T) = \frac{\Gamma(r + x)\,\alpha^r}{\Gamma(r)}\,\frac{B(a, b + x)}{B(a, b)}
        \left[\frac{1}{(\alpha + T)^{r + x}}
        + \delta_{x > 0}\,\frac{a}{b + x - 1}\,\frac{1}{(\alpha + t_x)^{r + x}}\right]

    for x repeat purchases, the last at time :math:`t_x` after the first purchase, of somebody watched for a time T.

    Whoever has not bought again has had no chance to leave yet. So the model holds each one-time buyer for a customer,
    with a probability of 1, however long the silence; where one-time buyers matter, take `MbgNbd`, which mends this.
    It suits purchases that come at no fixed times and tells nothing of contracts, for which `ShiftedBetaGeometric`
    is made. It knows neither season nor trend, and takes the rate for independent of the chance to leave.

    Attributes:
        r: Shape of the purchase rates: the smaller, the more customers differ.
        alpha: Rate parameter of these, in units of time: the mean purchase rate is r / alpha.
        a: First parameter of the chances to leave, of which the mean is a / (a + b).
        b: Second parameter of the chances to leave.
        unit: The unit of time.
        report: How it was fitted; None where the parameters were given.

    >>> import retention as rt
    >>> model = rt.BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
    >>> ann = rt.Purchases(frequency=2, recency=30.43, age=38.86)
    >>> print(model.probability_alive(ann))
    72.7%
    >>> print(model.expected_purchases(ann, horizon=39))
    1.226 purchases

    References:
        Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD Model,
        Marketing Science 24 (2), 275-284.

    .. versionadded:: 0.1
    """

    _TITLE: ClassVar[str] = "BG/NBD"
    _FIRST: ClassVar[int] = 0

    @classmethod
    def _warnings(cls, groups: Sequence[Group]) -> Iterable[str]:
        once = sum(count for x, _, _, count in groups if not x)
        if once:
            customers = sum(count for *_, count in groups)
            yield (
                f"{once:,} of {customers:,} customers have not bought again. BG/NBD gives each of them a probability "
                f"of 1 to be still a customer, however long ago they bought; MBG/NBD does not."
            )

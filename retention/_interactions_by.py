"""One figure for each group of contacts: by channel, by kind, by whatever a contact tells."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from operator import attrgetter
from typing import Any, Literal, TypeVar

from retention._by import check_metric, grouped, key_of, largest_first
from retention._interaction_facts import ASKS_NOTHING, Interactions
from retention._reading import AFTER_AS_OF
from retention._record_reading import RECORD_KEYWORDS, read_records
from retention.errors import ConflictingArgumentError
from retention.periods import Period
from retention.records import Interaction
from retention.results import Distribution, Ratio, Score
from retention.shop import Shop

__all__ = ["interactions_by"]

R = TypeVar("R", bound=Ratio | Score | Distribution | int)


def interactions_by(
    metric: Callable[..., R],
    interactions: Interactions,
    /,
    *,
    key: Literal["channel", "kind"] | Callable[[Interaction], Hashable],
    period: Period,
    **options: Any,
) -> dict[Hashable, R]:
    """A figure of contacts for each group of them: by channel, by kind, or by any key.

    Each group is counted as if there were no others, with the same definition. Small groups say little: look at the
    interval of each before you say which is best.

    Args:
        metric: The metric, such as `engagement_rate`.
        interactions: The contacts, or a `Shop` that has them.
        key: ``"channel"``, ``"kind"``, or a function of the contact, such as
            ``lambda interaction: country_of[interaction.customer_id]``. Where it gives None, the group is not known.
        period: The period of the contacts.
        options: Further keywords of the metric, and how to read the contacts; see `RecordReading`.

    Returns:
        The figure of each group that has contacts of the sort that the metric is about, the largest group first;
        those of which the key is not known stand under None. Where all of a group had to be left out, such as those
        that have not been observed for long enough, its figure is undefined.

    Raises:
        InvalidValueError: `key` names no such field.
        InvalidTypeError: `metric` is no metric of contacts, or `key` gives something that has no hash.
        NotObservableError: The metric gives a plain number, and the data do not reach the period.
        ConflictingArgumentError: A keyword contradicts the data, or a number of channels is asked for by channel.

    >>> import retention as rt
    >>> from datetime import datetime, timedelta, timezone
    >>> noon = datetime(2026, 3, 9, 12, tzinfo=timezone.utc)
    >>> contacts = [
    ...     rt.Interaction(
    ...         kind="mention", direction="inbound", channel=channel, occurred_at=noon, sentiment=mood
    ...     )
    ...     for channel, mood in [("blog", "0.5"), ("instagram", "-0.2"), ("blog", "0.9")]
    ... ]
    >>> march = rt.Period.month(2026, 3, tz="UTC")
    >>> for channel, sentiment in rt.interactions_by(
    ...     rt.sentiment_score, contacts, key="channel", period=march
    ... ).items():
    ...     print(channel, sentiment, sentiment.count)
    blog 0.700 2
    instagram -0.200 1

    .. versionadded:: 0.1
    """
    check_metric(
        metric,
        owner="interactions_by",
        wanted="a metric of contacts",
        example="engagement_rate",
        first="interactions",
    )
    _refuse_channels_by_channel(key, options)
    group_of = key_of(key, fields=("channel", "kind"), record="interaction")
    reading = {name: options.pop(name) for name in RECORD_KEYWORDS & options.keys()}
    given, how = read_records(interactions, reading, kind=Interaction)
    groups = grouped(given, period, at=attrgetter("occurred_at"), key=group_of)
    if isinstance(interactions, Shop) and options.get("of", "all") != "all":
        # Who had purchased before is asked of the orders, which are read once for all groups.
        history = interactions.history()
        found = {
            name: metric(Shop(orders=history, interactions=group), period=period, **options)
            for name, group in groups.items()
        }
    else:
        known: dict[str, Any] = {name: getattr(how, name) for name in RECORD_KEYWORDS}
        found = {name: metric(group, period=period, **known, **options) for name, group in groups.items()}
    return largest_first(((name, figure) for name, figure in found.items() if _says_something(figure)), _size)


def _refuse_channels_by_channel(key: object, options: dict[str, Any]) -> None:
    for name in ("min_channels", "max_channels"):
        if key == "channel" and options.get(name) is not None:
            msg = (
                f'{name}= can\'t be had with key="channel", since each group is counted as if there were no other '
                f"channels; give channel= and {name}= to the metric itself, once for each channel"
            )
            raise ConflictingArgumentError(msg)


def _size(figure: Ratio | Score | Distribution | int) -> int:
    if isinstance(figure, int):
        return figure
    return int(figure.denominator) if isinstance(figure, Ratio) else figure.count


def _says_something(figure: Ratio | Score | Distribution | int) -> bool:
    """Whether the metric is about the group's contacts; those of another kind, or after as_of, say nothing."""
    if _size(figure) or isinstance(figure, int):
        return bool(_size(figure))
    return not figure.observable or not figure.left_out.keys() <= {AFTER_AS_OF, *ASKS_NOTHING.values()}

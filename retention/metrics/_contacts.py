"""What figures of contacts share: from the arguments of a public function to facts, and from sums to a share."""

from __future__ import annotations

from typing import TypeAlias

from attrs import evolve

from retention._calendar import Duration, as_words, check_duration, reach
from retention._interaction_facts import InteractionFacts, Interactions, Tally, interaction_facts
from retention._record_reading import RecordReading
from retention.metrics._common import over
from retention.periods import Period
from retention.results import Ratio

__all__ = ["Options", "chosen", "contacts_of", "in_time", "observed", "share_of_contacts", "window"]

Options: TypeAlias = tuple[tuple[str, str], ...]
"""Keywords that changed a definition, each as name and text."""


def contacts_of(interactions: Interactions, period: Period, reading: RecordReading) -> InteractionFacts:
    """The facts of one period."""
    return interaction_facts(interactions, (period,), **reading)[0]


def share_of_contacts(
    facts: InteractionFacts,
    metric: str,
    tally: Tally,
    *,
    counted: tuple[str, str],
    options: Options = (),
    within: Duration | None = None,
    unseen: str | None = None,
    assumed: tuple[str, ...] | None = None,
) -> Ratio:
    """A share of contacts, of which one customer may have several.

    Args:
        facts: The facts of the period.
        metric: The metric's name.
        tally: What it counts.
        counted: That in words.
        options: Keywords that changed the definition.
        within: How long each contact is followed, so that the period is over only when that is; None for as long as
            the data reach, so that it never is.
        unseen: Why it is not observable, though the period itself is.
        assumed: What had to be taken for granted, if more than for the contacts alone.
    """
    because = facts.unseen or unseen
    basis = facts.basis(
        metric,
        records="interactions",
        counted=counted,
        left_out=tally.left_out,
        options=options,
        observable=because is None,
        undefined_because=because,
        assumed=facts.assumed if assumed is None else assumed,
        open_ended=within is None,
    )
    if because is not None:
        return Ratio(0, 0, basis=basis)
    if within is not None and facts.as_of is not None:
        ends = reach(facts.period.end, within, facts.period.tz)
        basis = evolve(basis, partial=facts.partial or ends > facts.as_of)
    sums = tally.sums()
    return Ratio(sums.y, sums.x, sampling=sums, basis=over(sums.x, basis))


def chosen(**words: str | None) -> Options:
    """A kind and a channel that were asked for, as options; None stands for all of them."""
    return tuple((name, word) for name, word in words.items() if word is not None)


def window(metric: str, within: Duration | None) -> Options:
    """How long contacts are followed, as an option; none where it is not limited."""
    if within is None:
        return ()
    return (("within", as_words(check_duration(within, owner=metric, field="within"))),)


def in_time(what: str, within: Duration | None) -> str:
    """What came of contacts, in words."""
    return what if within is None else f"{what} within {as_words(within)}"


def observed(what: str, within: Duration | None) -> str:
    """Which contacts count, in words."""
    return what if within is None else f"{what} observed that long"

"""What to do next, and why, as people read it: a table, a paragraph, the whole reasoning."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from textwrap import wrap
from typing import TYPE_CHECKING

from retention._calendar import as_words
from retention.benchmarks import Benchmark
from retention.display._names import printable, shortened
from retention.display._text import table
from retention.results import Distribution, Mean, Ratio, Score
from retention.results._basis import part_as_text
from retention.strategies._audiences import AUDIENCES
from retention.strategies._measures import counted_as
from retention.strategies._whose_limit import whose_limit
from retention.strategies._worth import OUTLOOK_HORIZON

if TYPE_CHECKING:
    from retention.strategies._audiences import Audience
    from retention.strategies._findings import Finding, Verdict
    from retention.strategies._recommendation import Recommendation, Recommendations

__all__ = [
    "recommendation_in_full",
    "recommendation_in_short",
    "recommendations_as_text",
    "recommendations_in_full",
]

_WIDEST = 110
_TITLE = 44
_NO_VALUE = "–"
_EFFORTS = {
    "low": "low: days, with what is there",
    "medium": "medium: weeks, or a tool to be set up",
    "high": "high: months, or people to hire",
}
_BOTH_KINDS = "What is ill stands first; an opportunity is worth trying though nothing is ill."
_PRIORITY = "priority: weight × severity × reach ÷ effort."
_A12 = "No strategy fits every business, so that none is recommended without a reason in the figures (source A12)."


# --------------------------------------------------------------------------------------------- one


def recommendation_in_short(found: Recommendation) -> str:
    """What to do, why, for whom, and the first step."""
    parts = [f"{found.title}: {found.leading.why}"]
    if found.audience is not None:
        parts.append(f"For {found.audience if len(found.audience) else 'nobody at present'}.")
    if found.value_at_stake is not None:
        parts.append(f"At stake: {found.value_at_stake}.")
    parts.append(f"First: {found.first_steps[0]}")
    return " ".join(map(printable, parts))


def recommendation_in_full(found: Recommendation) -> str:
    """The whole reasoning, a line for each part."""
    kind = "urgent" if found.urgent else "an opportunity"
    return "\n".join([f"{printable(found.title)} ({kind})", *map(printable, _parts(found))])


def _parts(found: Recommendation) -> Iterator[str]:
    for reason in found.reasons:
        yield from _seen(reason)
        yield f"Why this follows: {reason.rule.because}"
    yield f"What it is: {found.strategy.what}"
    yield f"For whom: {_for_whom(found)}"
    yield f"What it may bring: {_what_it_may_bring(found)}"
    yield f"Work: {_EFFORTS[found.effort]}.{_needs(found)}"
    for number, step in enumerate(found.first_steps, start=1):
        yield f"Step {number}: {step}"
    yield f"Watch: {_what_to_watch(found)}"
    yield from (f"Risk: {_sentence(risk)}" for risk in found.strategy.risks)
    yield from (f"Evidence: {_claim(each)}" for each in found.evidence)
    yield from _relatives(found)
    yield f"Rank: {found.priority.arithmetic}."


def _seen(reason: Verdict) -> Iterator[str]:
    """What the figures of a rule came to, and what they were held against."""
    for finding in reason.findings:
        yield f"Seen: {finding.why}{_counts(finding)}"
        yield f"Held against: {whose_limit(reason.rule, finding)}"


def _counts(finding: Finding) -> str:
    """What was counted, where the figure can say it in a few words."""
    result = finding.result
    if finding.comparison is not None:
        return ""
    if isinstance(result, Ratio) and result.basis.in_words is None and len(result.basis.counted) > 1:
        top, bottom = result.basis.counted
        return (
            f" That is {part_as_text(result.numerator)} {top} of {part_as_text(result.denominator)} {bottom}."
        )
    if isinstance(result, (Mean, Distribution, Score)) and finding.sample:
        return f" It rests on {finding.sample:,} {counted_as(result, '')}."
    return ""


def _for_whom(found: Recommendation) -> str:
    audience = found.audience
    if audience is None and found.leading.rule.audience is None:
        return "nobody in particular: it is done to the shop, or for people who are not known."
    if audience is None:
        return f"not known, since {found.no_audience_because}."
    if not len(audience):
        return f"nobody at present; it is meant for {audience.title}, as of {audience.at}."
    return (
        f"{audience}, as of {audience.at}, out of {audience.of_all:,} {audience.among}{_spent(audience)}. The audience "
        f"lists them, {AUDIENCES[audience.id].order}."
    )


def _spent(audience: Audience) -> str:
    if audience.spend is None:
        return "; what they spent is in several currencies"
    unit = f" {audience.currency}" if audience.currency else ""
    return f"; they spent {_in_whole(audience.spend)}{unit} in the year before"


def _what_it_may_bring(found: Recommendation) -> str:
    value = found.value_at_stake
    if value is None:
        return f"no amount is put on it, since {found.no_value_because}."
    return value.explain()


def _needs(found: Recommendation) -> str:
    needs = found.strategy.needs
    return f" It needs {'; '.join(needs)}." if needs else ""


def _what_to_watch(found: Recommendation) -> str:
    way = {"up": " (it should rise)", "down": " (it should fall)"}.get(
        found.strategy.moves.get(found.watch, ""), ""
    )
    when = (
        f"look again after {as_words(found.horizon)}"
        if found.horizon is not None
        else "look again after a period as long as this one"
    )
    return f"{found.watch_title}{way}; {when}."


def _claim(evidence: object) -> str:
    if isinstance(evidence, Benchmark):
        return f"{evidence.published} ({evidence.id}, {evidence.guide}; a published figure). It applies to {evidence.applies_to}."
    return str(evidence)


def _relatives(found: Recommendation) -> Iterator[str]:
    if found.overlaps_with:
        yield f"Overlap: much of it is done by {', '.join(found.overlaps_with)}, which stands before it; begin with that."


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _in_whole(amount: Decimal) -> str:
    return f"{round(amount):,}"


# --------------------------------------------------------------------------------------------- all


def recommendations_as_text(found: Recommendations) -> str:
    """A line for each, the most pressing first, and under the table why."""
    if not found:
        return _wrapped(_nothing(found))
    headings = [
        shortened(f"WHAT TO DO, {found.period.label}", _TITLE),
        "",
        "customers",
        "may bring",
        "effort",
        "priority",
    ]
    rows = [
        [
            shortened(f"{number}. {printable(each.title)}", _TITLE),
            "urgent" if each.urgent else "",
            f"{len(each.audience):,}" if each.audience is not None else _NO_VALUE,
            _range(each),
            each.effort,
            each.priority.in_short,
        ]
        for number, each in enumerate(found, start=1)
    ]
    reasons = [f"{number}. {printable(each.leading.why)}" for number, each in enumerate(found, start=1)]
    text = table(rows, headings=headings, widest=_WIDEST, least=_TITLE)
    return "\n\n".join([text, _wrapped(reasons), _wrapped(_notes(found))])


def _range(each: Recommendation) -> str:
    value = each.value_at_stake
    if value is None:
        return _NO_VALUE
    # A period may have a long name, which stands in the heading.
    per = value.per if value.per in {"a year", "a month"} else "of profit" if value.is_profit else "a period"
    return f"{value.range} {per}"


def _notes(found: Recommendations) -> Iterator[str]:
    if len(found) < found.of_all:
        yield f"{len(found):,} of {found.of_all:,} recommendations."
    yield _BOTH_KINDS
    if any(each.value_at_stake is not None for each in found):
        yield "may bring: if the whole gap were closed; explain() tells the arithmetic, and what it takes for granted."
    of_profit = {
        each.value_at_stake.per
        for each in found
        if each.value_at_stake is not None and each.value_at_stake.is_profit
    }
    if of_profit:
        yield f"of profit: after costs, {_how_long(of_profit)}, in today's money."
    yield f"{_PRIORITY}{_out_of_order(found)}"
    yield _others(found)


def _how_long(times: Collection[str]) -> str:
    """For how long the profit of a list is meant."""
    years, ahead = "of all the years that they stay", "as far ahead as the outlook looks"
    if OUTLOOK_HORIZON not in times:
        return years
    return ahead if len(times) == 1 else f"{years}, or {ahead} where it says who is leaving"


def _out_of_order(found: Recommendations) -> str:
    """That the order is meant so, where what stands first has the lower priority."""
    ill = [(place, each) for place, each in enumerate(found, start=1) if each.urgent]
    others = [(place, each) for place, each in enumerate(found, start=1) if not each.urgent]
    if not ill or not others or ill[-1][1].priority.value >= others[0][1].priority.value:
        return ""
    return (
        f" It ranks what is ill, and opportunities after it: {ill[-1][0]} stands before {others[0][0]}, though its priority is "
        "lower, since something is ill there."
    )


def _others(found: Recommendations) -> str:
    return f"{_rules(len(found.rejected))} did not follow and {len(found.skipped):,} could not be judged; rejected and skipped say why."


def _rules(count: int) -> str:
    return f"{count:,} rule{'' if count == 1 else 's'}"


def recommendations_in_full(found: Recommendations) -> str:
    """The whole reasoning for each; where there is none, why there is none."""
    if not found:
        lines = [*_nothing(found), *(_told(each) for each in (*found.rejected, *found.skipped))]
        return "\n".join(map(printable, lines))
    told = [f"{number}. {recommendation_in_full(each)}" for number, each in enumerate(found, start=1)]
    return "\n\n".join([*told, _others(found)])


def _told(verdict: Verdict) -> str:
    """A rule that did not follow, in a line."""
    return f"{verdict.rule.id} ({verdict.outcome}): {verdict.why}"


def _nothing(found: Recommendations) -> Iterator[str]:
    """Why nothing is recommended: all is well, or too little is known."""
    period = found.period.label
    if found.of_all:
        yield f"None in this part of the list: there are {found.of_all:,} recommendations for {period}."
        return
    if not found.rejected and not found.skipped:
        yield f"Nothing is recommended for {period}: there are no rules."
        return
    if found.is_too_little_known:
        yield (
            f"Too little data: nothing is recommended for {period}, since {_rules(len(found.skipped))} of "
            f"{len(found.skipped) + len(found.rejected):,} can't be judged ({_reasons(found)}). That does not say that all is well."
        )
    else:
        yield (
            f"Nothing is recommended for {period}: of {_rules(len(found.skipped) + len(found.rejected))}, "
            f"{len(found.rejected):,} were judged and none follows{_rest(found)}."
        )
    yield _A12


def _rest(found: Recommendations) -> str:
    return f"; {len(found.skipped):,} could not be judged ({_reasons(found)})" if found.skipped else ""


def _reasons(found: Recommendations) -> str:
    return ", ".join(f"{because} {count:,}" for because, count in found.skipped_because.items())


def _wrapped(notes: Iterable[str]) -> str:
    return "\n".join(
        line
        for note in notes
        for line in wrap(
            note, _WIDEST, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )
    )

"""What holds of everybody's assignments whatever the shop and the policy: each test quotes what it tests."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from hypothesis import given, strategies as st

from retention.strategies import CUSTOMER_RULES, ContactPolicy, assign, customer_situations, recommend_for
from retention.strategies._assign import lots
from retention.strategies._assignments import OUTCOMES
from tests.properties.test_next_action import NAMES, records, shop_of

CHANNELS = ("e-mail", "call")
STRATEGIES = ("win-back-lapsed", "after-sales-follow-up", "responsive-support", "rescue-unhappy-customers")

few = st.none() | st.integers(0, 3)
limits = st.integers(0, 2)
quiet = st.builds(timedelta, days=st.integers(1, 60)) | st.builds(relativedelta, months=st.integers(1, 3))
some = st.sets(st.sampled_from(NAMES), max_size=3)
least_one = st.sampled_from([("e-mail",), ("call",), ("e-mail", "call"), ("call", "e-mail")])
ways = st.just(()) | least_one


@st.composite
def policies(draw):
    """Policies that stop some of four customers, by each means that there is."""
    return ContactPolicy(
        most=draw(few),
        most_per_strategy=draw(st.dictionaries(st.sampled_from(STRATEGIES), limits, max_size=2)),
        most_per_channel=draw(st.dictionaries(st.sampled_from(CHANNELS), limits, max_size=2)),
        quiet_for=draw(st.none() | quiet),
        quiet_after_purchase=draw(st.none() | quiet),
        channels=CHANNELS,
        channels_for=draw(st.dictionaries(st.sampled_from(STRATEGIES), least_one, max_size=2)),
        consent=draw(st.none() | st.dictionaries(st.sampled_from(NAMES), st.booleans() | st.none() | ways)),
        preferences=draw(st.none() | st.dictionaries(st.sampled_from(NAMES), ways)),
        excluded=draw(some),
        holdout=draw(st.none() | some),
        owed=draw(st.sets(st.sampled_from(STRATEGIES), max_size=2)),
    )


def by_hand(situations, policy):
    """Who gets what by which channel, and why nobody else does: the same as prose has it, one customer at a time."""
    waiting, outcomes = [], {}
    lot = lots(situations, range(len(situations)))
    for who, situation in situations.items():
        action = recommend_for(who, situations)
        if action.strategy is None:
            outcomes[who] = ("no rule" if action.chosen is None else "leave alone", None)
            continue
        name = action.strategy.id
        is_owed = name in policy.owed
        agreed = agreed_to(policy, who, is_owed=is_owed)
        fitting = [way for way in policy.channels_for.get(name, CHANNELS) if way in agreed]
        liked = [way for way in (policy.preferences or {}).get(who, ()) if way in fitting]
        channels = liked + [way for way in fitting if way not in liked]
        if who in policy.excluded:
            outcomes[who] = ("excluded", None)
        elif not channels:
            outcomes[who] = ("no consent", None)
        elif not is_owed and is_less(situation.at, situation.contacted_days, policy.quiet_for):
            outcomes[who] = ("written to lately", None)
        elif not is_owed and is_less(situation.at, situation.silence_days, policy.quiet_after_purchase):
            outcomes[who] = ("bought lately", None)
        else:
            rank = (
                -action.chosen.rule.weight,
                -(situation.spend_year or 0),
                -situation.orders,
                lot[situations.number_of(who)],
            )
            waiting.append((rank, who, name, channels, is_owed))
    used = Counter()
    for _, who, name, channels, is_owed in sorted(waiting):
        free = [way for way in channels if used[way] < policy.most_per_channel.get(way, 99)]
        is_full = used["all"] >= (99 if policy.most is None else policy.most)
        if is_full or used[name] >= policy.most_per_strategy.get(name, 99) or not free:
            outcomes[who] = ("full", None)
        elif not is_owed and who in (policy.holdout or ()):
            outcomes[who] = ("held out", free[0])
        else:
            outcomes[who] = ("assigned", free[0])
            used.update(["all", name, free[0]])
    return outcomes


def agreed_to(policy, who, *, is_owed):
    if policy.consent is None or is_owed:
        return CHANNELS
    said = policy.consent.get(who)
    return CHANNELS if said is True else said or ()


def is_less(at, days, least):
    return days is not None and least is not None and at - timedelta(days=days) + least > at


class TestEverybody:
    @given(records(), policies())
    def test_it_is_what_is_found_one_by_one(self, rows, policy):
        """The whole of it, written down a second time without columns."""
        situations = customer_situations(shop_of(rows), tz="UTC")
        found = assign(situations, contact_policy=policy)
        assert {one.customer_id: (one.outcome, one.channel) for one in found.everybody()} == by_hand(
            situations, policy
        )

    @given(records(), policies())
    def test_nobody_is_lost_and_nobody_counted_twice(self, rows, policy):
        """ "Each customer has exactly one outcome, so that the counts add up to all." """
        found = assign(shop_of(rows), tz="UTC", contact_policy=policy)
        groups = {outcome: found.customers(outcome) for outcome in OUTCOMES}
        assert {outcome: len(group) for outcome, group in groups.items()} == found.counts
        assert Counter(who for group in groups.values() for who in group) == Counter(list(found.situations))
        with_strategy = sum(sum(counts.values()) for counts in found.by_strategy.values())
        assert with_strategy == len(found.situations) - found.counts["no rule"] - found.counts["leave alone"]
        assert sum(found.by_channel.values()) == len(found)

    @given(records(), policies())
    def test_it_says_why_of_everybody(self, rows, policy):
        found = assign(shop_of(rows), tz="UTC", contact_policy=policy)
        for one in found.everybody():
            assert one.why.endswith(".")
            assert one.explain().startswith(str(one).split("\n", maxsplit=1)[0])
            assert one.why == (one.chosen.why if one.is_assigned else one.why)
            assert one.is_assigned == (one.do is not None)
        assert found.explain().startswith(str(found))

    @given(records(), policies())
    def test_places_count_from_one(self, rows, policy):
        found = assign(shop_of(rows), tz="UTC", contact_policy=policy)
        places = sorted(one.place for one in found.everybody() if one.place is not None)
        assert places == list(range(1, len(places) + 1))
        assert [one.place for one in found] == sorted(one.place for one in found)


class TestWhatDoesNotMatter:
    @given(records(), policies(), st.randoms(use_true_random=False))
    def test_the_order_of_the_input(self, rows, policy, random):
        """ "The same records under the same policy give the same list, in whatever order they come." """
        turned = {kind: random.sample(given, len(given)) for kind, given in rows.items()}
        one = assign(shop_of(rows), tz="UTC", contact_policy=policy)
        other = assign(shop_of(turned), tz="UTC", contact_policy=policy)
        assert one == other
        assert one.customers() == other.customers()

    @given(records(), policies(), st.permutations(list(CUSTOMER_RULES.values())))
    def test_the_order_of_the_rules(self, rows, policy, rules):
        one, other = (
            assign(shop_of(rows), tz="UTC", rules=given, contact_policy=policy)
            for given in (CUSTOMER_RULES, rules)
        )
        assert one.to_dicts(everybody=True) == other.to_dicts(everybody=True)


class TestHoldOut:
    @given(records(), some)
    def test_without_limits_it_changes_nothing_for_others(self, rows, held_out):
        """ "Who is held out takes no place": the others get what they would have got."""
        shop = shop_of(rows)
        free = assign(shop)
        tested = assign(shop, contact_policy=ContactPolicy(holdout=held_out, owed=()))
        assert set(tested.customers()) == set(free.customers()) - held_out
        assert set(tested.customers("held out")) == set(free.customers()) & held_out

    @given(records(), some, st.integers(0, 3))
    def test_both_groups_come_from_the_same_part_of_the_list(self, rows, held_out, most):
        """ "Looked for only until the places are gone": nobody in line after the last one who gets something is held out."""
        policy = ContactPolicy(holdout=held_out, most=most, owed=())
        found = assign(shop_of(rows), tz="UTC", contact_policy=policy)
        if found.counts["full"]:
            beyond = min(one.place for one in found.everybody() if one.outcome == "full")
            assert all(found.of(who).place < beyond for who in found.customers("held out"))
            assert len(found) == most

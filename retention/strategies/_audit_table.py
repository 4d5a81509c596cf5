"""Where in the business each strategy belongs, how it would show in the records, and why it would not."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping

from attrs import frozen

from retention._calendar import microseconds
from retention._interaction_facts import ASKS_NOTHING, asks_for_help
from retention._mapping import FrozenMapping
from retention.records import Interaction
from retention.segments._silence import DAY
from retention.strategies import _audit_traces as show
from retention.strategies._audit_traces import AuditTrace, Records
from retention.strategies._crowds import bought_in_period, members
from retention.strategies._requirements import FULL_PRICES
from retention.strategies._room import TWO_YEARS

__all__ = ["AREAS", "AREA_OF", "SEEN_IN", "UNSEEN", "SeenIn"]


@frozen(kw_only=True)
class SeenIn:
    """How a strategy shows in the records.

    Attributes:
        needs: What the shop must have, as a rule may require it.
        look: Looks for it.
    """

    needs: tuple[str, ...]
    look: Callable[[Records], AuditTrace]


# --------------------------------------------------------------------------- written to, after something


def _welcome(records: Records) -> AuditTrace:
    here = records.room.here
    first = {who: (at,) for who, at in zip(here.ids, here.first_at, strict=True)}
    events = ((who, at) for who, instants in first.items() for at in instants)
    return show.followed(
        records, events, days=show.SALE_DAYS, what="customers with a first purchase", sales=first
    )


def _after_sales(records: Records) -> AuditTrace:
    """After a purchase that is not the first: what comes after that looks like a welcome, whatever follows the others."""
    here, bought = records.room.here, records.bought
    first = dict(zip(here.ids, here.first_at, strict=True))
    sold = (
        (who, at)
        for who, instants in bought.items()
        for at in instants
        if at - first[who] >= show.SALE_DAYS * DAY
    )
    return show.followed(records, sold, days=show.SALE_DAYS, what="customers who bought again", sales=bought)


def _left_carts(records: Records) -> AuditTrace:
    room = records.room
    left = (
        (room.person(cart.customer_id), microseconds(cart.begun_at))
        for cart in room.shop.checkouts
        if cart.customer_id is not None and not records.is_known(cart.ordered_at)
    )
    return show.followed(records, left, days=3, what="customers who left a basket")


def _after_a_loss(records: Records, reason: str, *, days: int, what: str) -> AuditTrace:
    """Who is written to after an order was cancelled, or a subscription ended, for a reason."""
    losses = list(records.losses())
    if not losses:
        return show.unknown(
            "Why orders are cancelled and subscriptions end, nobody noted.",
            "Order(cancel_reason=...) or Subscription(end_reason=...)",
        )
    lost = ((who, at) for why, who, at in losses if why == reason and who is not None)
    return show.followed(records, lost, days=days, what=what)


def _cancellations(records: Records) -> AuditTrace:
    return _after_a_loss(records, "customer", days=14, what="customers who cancelled")


def _failed_payments(records: Records) -> AuditTrace:
    return _after_a_loss(records, "payment", days=7, what="customers whose payment failed")


def _unhappy(records: Records) -> AuditTrace:
    room = records.room
    told = room.told
    sad = (
        (room.people.ids[who], microseconds(at))
        for who, at in told.at.items()
        if told.feeling.get(who, 0) < 0
    )
    return show.followed(records, sad, days=14, what="customers whose latest answer was an unhappy one")


def _anniversaries(records: Records) -> AuditTrace:
    here = records.room.here
    lives = zip(here.ids, here.first_at, here.latest_at, strict=True)
    days = (
        (who, at)
        for who, first, latest in lives
        for years in range(1, (latest - first + _WEEK) // _LEAST_YEAR + 1)
        if (at := first + round(years * _DAYS_OF_YEAR) * DAY - _WEEK) <= latest
    )
    return show.followed(
        records, days, days=14, what="customers around the anniversary of their first purchase"
    )


_DAYS_OF_YEAR = 365.2425
_LEAST_YEAR = 365 * DAY
_WEEK = 7 * DAY


# ------------------------------------------------------------------------------------ written to at all


_APART = f", apart from the {show.SALE_DAYS} days after each purchase"


def _lapsed(records: Records) -> AuditTrace:
    """A message counts that came once the customer had been silent for too long: others were about something else."""
    room = records.room
    if room.unjudged_because is not None:
        return show.unknown(f"Nobody is known to have lapsed: {room.unjudged_because}.")
    gone = room.state("lapsed") & room.buyers(TWO_YEARS)
    told = (
        f"customers who bought in the last {TWO_YEARS} days and have lapsed since",
        ", after they had gone quiet",
    )
    return show.reached(records, gone, told, since=room.quiet_since(gone))


def _regulars(records: Records) -> AuditTrace:
    """What regulars get as such, and not as buyers, or as the newcomers that they were."""
    room = records.room
    there = room.stage("late") - room.state("lapsed")
    told = ("regulars who have not lapsed", _APART)
    return show.reached(records, there, told, since=room.stage_since("late", there), apart=True)


def _list(records: Records) -> AuditTrace:
    """Buyers get mails on account of what they buy; the list is used where something else is written."""
    room = records.room
    told = (f"customers who bought in the last {TWO_YEARS} days", _APART)
    return show.reached(records, room.buyers(TWO_YEARS), told, apart=True)


_STAGES = {"early": "early stage", "middle": "middle stage", "late": "late stage"}
_WORST_FIRST = ("absent", "weak", "in place")


def _life_cycle(records: Records) -> AuditTrace:
    """The stage at which fewest are written to tells; one with too few customers tells nothing.

    Everybody counts since coming to the stage: else the welcome of last summer passes for news to regulars.
    """
    room = records.room
    recent = room.buyers(TWO_YEARS)
    found = []
    for stage, words in _STAGES.items():
        there = room.stage(stage) & recent
        told = (f"customers in the {words}", ", since they have been in it")
        found.append(show.reached(records, there, told, since=room.stage_since(stage, there)))
    silent = next((each for each in found if each.shows == "invisible"), None)
    if silent is not None:
        return silent
    return min(found, key=lambda each: (_WORST_FIRST.index(each.shows), float(each.result or 0)))


# -------------------------------------------------------------------------------------- asked and answered


def _answers(records: Records, *, in_words: bool = False) -> tuple[list[int], bool]:
    """When somebody answered a survey in the period, and whether anybody had before."""
    start, end = records.room.span
    given = [
        microseconds(each.responded_at)
        for each in records.room.shop.responses
        if each.answer is not None or not in_words
    ]
    return [at for at in given if start <= at < end], any(at < start for at in given)


def _feedback(records: Records) -> AuditTrace:
    start, end = records.room.span
    answers = [each for each in records.room.shop.responses if start <= microseconds(each.responded_at) < end]
    about = sum(each.touchpoint is not None for each in answers)
    return show.counted(about, len(answers), told=("answers", "were given after something that happened"))


def _monitoring(records: Records) -> AuditTrace:
    """In how many stretches of thirty days somebody answered."""
    start, end = records.room.span
    stretches = max(0, end - start) // _MONTH
    if not stretches:
        return show.unknown(
            f"{records.room.period.label} is too short to tell whether anybody asks all the time."
        )
    answers, earlier = _answers(records)
    asked = len({(at - start) // _MONTH for at in answers} & set(range(stretches)))
    text = f"Somebody answered a survey in {asked:,} of {stretches:,} stretches of 30 days"
    if not answers:
        return _none(f"{text}", "Shop(responses=...)", earlier=earlier)
    return AuditTrace(shows="in place" if asked == stretches else "weak", why=f"{text}.")


_MONTH = 30 * DAY


def _in_words(records: Records) -> AuditTrace:
    answers, earlier = _answers(records, in_words=True)
    return _some(
        records, len(answers), "answers in words to a survey", "SurveyResponse(answer=...)", earlier=earlier
    )


def _reviews(records: Records) -> AuditTrace:
    ever, lately = (sum(map(_is_review, look(_is_public))) for look in (records.sent, records.of_period))
    return _some(records, lately, "reviews", 'Interaction(kind="review")', earlier=ever > lately)


def _is_review(contact: Interaction) -> bool:
    return contact.kind == "review"


def _some(records: Records, count: int, what: str, lacking: str, *, earlier: bool) -> AuditTrace:
    """A practice that shows in there being any."""
    text = f"Of {what} there were {count:,} in {records.room.period.label}"
    if not count:
        return _none(text, lacking, earlier=earlier)
    return AuditTrace(shows="in place", why=f"{text}.")


def _none(text: str, lacking: str, *, earlier: bool) -> AuditTrace:
    """There is none of it in the period: absent where it was noted before, else nobody may note it."""
    if earlier:
        return AuditTrace(shows="absent", why=f"{text}; some of before are on record.")
    return show.unknown(f"{text}, and none is on record of before; nobody may note it.", lacking)


def _public(records: Records) -> AuditTrace:
    return _answered(records, _is_public, ("mentions and reviews", "mention"))


def _is_public(contact: Interaction) -> bool:
    return contact.kind in ASKS_NOTHING


def _service(records: Records) -> AuditTrace:
    return _answered(records, asks_for_help, ("questions of customers", "question"))


def _answered(
    records: Records, is_meant: Callable[[Interaction], bool], called: tuple[str, str]
) -> AuditTrace:
    """How many are answered, where somebody has ever noted down an answer to such a contact."""
    what, kind = called
    if not any(records.is_known(each.answered_at) for each in records.sent(is_meant)):
        return show.unknown(
            f"No answer to {what} was ever noted; they may be answered all the same.",
            f"Interaction(kind={kind!r}, answered_at=...)",
        )
    asked = list(records.of_period(is_meant))
    done = sum(records.is_known(each.answered_at) for each in asked)
    return show.counted(done, len(asked), told=(what, "were answered"), enough=show.HALF)


def _self_service(records: Records) -> AuditTrace:
    asked = (each for each in records.of_period(asks_for_help) if records.is_known(each.solved_at))
    solved = [each.solved_by for each in asked if each.solved_by is not None]
    alone = solved.count("self_service")
    return show.counted(alone, len(solved), told=("solved questions", "were solved by customers themselves"))


def _channels(records: Records) -> AuditTrace:
    found: dict[Hashable, list[str]] = {}
    for each in records.room.interactions(records.room.span[0]):
        if each.customer_id is not None:
            found.setdefault(records.room.person(each.customer_id), []).append(each.channel)
    if len({channel for channels in found.values() for channel in channels}) < _SEVERAL:
        return show.unknown(
            "All contacts on record are of one channel; those on others may not have been handed over.",
            "Shop(interactions=...) of all your channels",
        )
    often = [channels for channels in found.values() if len(channels) >= _SEVERAL]
    several = sum(len(set(channels)) >= _SEVERAL for channels in often)
    return show.counted(
        several, len(often), told=("customers with two contacts or more", "were met on several channels")
    )


_SEVERAL = 2


# ------------------------------------------------------------------------------------ joined and sold


def _programme(records: Records) -> AuditTrace:
    room = records.room
    buyers = bought_in_period(room)
    part, whole = (each.marks.count(1) for each in (members(room) & buyers, buyers))
    return show.counted(part, whole, told=("customers who bought", "are members"), enough=0.1)


def _subscriptions(records: Records) -> AuditTrace:
    count = len(records.room.subscribers)
    if not count:
        return AuditTrace(
            shows="absent", why="There are no subscribers any more: all subscriptions on record have ended."
        )
    return AuditTrace(
        shows="in place",
        why=f"There were {count:,} paying subscribers at the end of {records.room.period.label}.",
    )


def _referrals(records: Records) -> AuditTrace:
    room = records.room
    brought = {room.person(each.id): 0 for each in room.shop.customers if each.referred_by is not None}
    described = room.crowd({room.person(each.id): 0 for each in room.shop.customers})
    part, whole = (
        each.marks.count(1) for each in (room.crowd(brought) & room.newcomers, described & room.newcomers)
    )
    return show.counted(part, whole, told=("new customers", "were brought by another"))


def _stock(records: Records) -> AuditTrace:
    if "stock" not in {why for why, _, _ in records.losses()}:
        return show.unknown(
            "No order was ever noted as cancelled for want of stock: either none was, or nobody notes it.",
            'Order(cancel_reason="stock")',
        )
    there = records.placed - records.unsold.count("stock")
    return show.counted(
        there, records.placed, told=("orders", "were not cancelled for want of stock"), enough=0.95
    )


def _full_prices(records: Records) -> AuditTrace:
    known = records.discounted
    told = ("purchases whose discount is known", "had none")
    return show.counted(known.count(0), len(known), told=told, enough=show.HALF)


def _known_customers(records: Records) -> AuditTrace:
    known, guests = records.purchases
    return show.counted(known, known + guests, told=("purchases", "are of known customers"), enough=0.7)


_WRITTEN = ("interactions",)

SEEN_IN: Mapping[str, SeenIn] = FrozenMapping(
    {
        "welcome-series": SeenIn(needs=_WRITTEN, look=_welcome),
        "after-sales-follow-up": SeenIn(needs=_WRITTEN, look=_after_sales),
        "abandoned-cart-recovery": SeenIn(
            needs=("Checkout.ordered_at", "Checkout.customer_id", *_WRITTEN), look=_left_carts
        ),
        "win-back-cancellations": SeenIn(needs=_WRITTEN, look=_cancellations),
        "recover-failed-payments": SeenIn(needs=_WRITTEN, look=_failed_payments),
        "rescue-unhappy-customers": SeenIn(needs=("SurveyResponse.customer_id", *_WRITTEN), look=_unhappy),
        "personal-occasions": SeenIn(needs=_WRITTEN, look=_anniversaries),
        "win-back-lapsed": SeenIn(needs=_WRITTEN, look=_lapsed),
        "attend-loyal-customers": SeenIn(needs=_WRITTEN, look=_regulars),
        "use-the-list-you-have": SeenIn(needs=_WRITTEN, look=_list),
        "whole-life-cycle": SeenIn(needs=_WRITTEN, look=_life_cycle),
        "feedback-loop": SeenIn(needs=("SurveyResponse.touchpoint",), look=_feedback),
        "monitor-satisfaction": SeenIn(needs=("responses",), look=_monitoring),
        "know-the-audience": SeenIn(needs=("SurveyResponse.answer",), look=_in_words),
        "social-proof": SeenIn(needs=("interactions",), look=_reviews),
        "social-presence": SeenIn(needs=("Interaction.answered_at",), look=_public),
        "responsive-support": SeenIn(needs=("Interaction.answered_at",), look=_service),
        "self-service": SeenIn(needs=("Interaction.solved_by",), look=_self_service),
        "omnichannel": SeenIn(needs=("interactions",), look=_channels),
        "loyalty-programme": SeenIn(needs=("Customer.loyalty_joined_at",), look=_programme),
        "subscription": SeenIn(needs=("subscriptions",), look=_subscriptions),
        "referral-programme": SeenIn(needs=("Customer.referred_by",), look=_referrals),
        "sell-what-is-there": SeenIn(needs=("orders",), look=_stock),
        "fewer-blanket-discounts": SeenIn(needs=("Order.discount", FULL_PRICES), look=_full_prices),
        "one-customer-profile": SeenIn(needs=("orders",), look=_known_customers),
    }
)
"""How strategies show in the records, by id; all others don't."""

UNSEEN: Mapping[str, str] = FrozenMapping(
    {
        "good-first-checkout": "Which ways to pay a checkout offers, and who answers beside it, no record tells.",
        "onboarding": "Whether anybody is taught the use of the goods, no record tells: a message looks like any other.",
        "price-by-order-value": "How prices were found, no order tells.",
        "trained-team": "How people are trained, no record tells; how content customers are, surveys do.",
        "proactive-service": "A message that comes before a complaint looks like any other.",
        "honesty": "What was promised, no record tells; what came back, refunds do.",
        "exceed-expectations": "What customers expected, only they can tell.",
        "quality-goods": "How good the goods are, no record tells; what came back, refunds do.",
        "ideal-customer": "Whom the shop seeks, no record tells; whom it found, acquisition_channel does.",
        "surprise-and-delight": "What lies in the parcel beside the goods, no record tells.",
        "targeted-promotions": "An order tells that there was a discount, and not for what reason.",
        "value-added-services": "Services beside the goods look like any other article.",
        "personalisation": "What a message said, and whether it was chosen for its reader, no record tells.",
        "frictionless-experience": "How long the forms are, no record tells; how many leave them, checkouts do.",
        "valuable-content": "What a message said, no record tells; whether it was read, contacts do.",
        "act-as-the-expert": "What was advised, no record tells.",
        "community": "Customers talk there among each other, and that leaves no record in a shop.",
        "retention-audit": "This is one; whether there is one every year, and what follows from it, you know.",
    }
)
"""Why the others don't, by id, where the reason for having no rule does not say it."""

AREA_OF: Mapping[str, str] = FrozenMapping(
    {
        strategy: area
        for area, strategies in {
            "range and price": (
                "quality-goods",
                "sell-what-is-there",
                "price-by-order-value",
                "fewer-blanket-discounts",
                "value-added-services",
                "subscription",
            ),
            "site, checkout and payment": (
                "good-first-checkout",
                "frictionless-experience",
                "abandoned-cart-recovery",
                "recover-failed-payments",
            ),
            "store": ("store-experience", "seamless-online-to-offline", "creative-technology"),
            "delivery and first use": ("welcome-series", "onboarding", "after-sales-follow-up"),
            "service": (
                "responsive-support",
                "self-service",
                "proactive-service",
                "trained-team",
                "rescue-unhappy-customers",
                "win-back-cancellations",
                "exceed-expectations",
            ),
            "listening": ("feedback-loop", "monitor-satisfaction", "know-the-audience"),
            "messages": (
                "whole-life-cycle",
                "omnichannel",
                "personalisation",
                "personal-occasions",
                "targeted-promotions",
                "use-the-list-you-have",
                "win-back-lapsed",
                "valuable-content",
                "act-as-the-expert",
                "social-presence",
            ),
            "loyalty": (
                "attend-loyal-customers",
                "loyalty-programme",
                "gamified-loyalty",
                "referral-programme",
                "surprise-and-delight",
                "community",
            ),
            "brand": ("brand-story", "consistent-brand", "social-proof", "stand-for-a-cause", "honesty"),
            "management": (
                "retention-audit",
                "track-and-optimise",
                "customer-at-the-centre",
                "one-customer-profile",
                "ideal-customer",
            ),
        }.items()
        for strategy in strategies
    }
)
"""The level of the business at which each strategy is decided, by id."""

AREAS: tuple[str, ...] = tuple(dict.fromkeys(AREA_OF.values()))
"""All levels of the business."""

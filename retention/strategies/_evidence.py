"""What is claimed for keeping customers, as it was published, with what stands behind it as far as that is known."""

from __future__ import annotations

from collections.abc import Mapping

from retention._mapping import FrozenMapping
from retention.strategies._model import Evidence

__all__ = ["EVIDENCE"]

_A = "15 e-commerce customer retention strategies"
_B = "Ecwid, 7 retention strategies"
_C = "SmartHint, 16 ways to retain customers"
_E = "Shopify, retail customer retention"

_SAID = "It is what people say in a survey, not what they do."
_GWI = "By its wording it is from the surveys of GWI (formerly GlobalWebIndex) of internet users between 16 and 64 years."

_WORTH_OF_KEEPING = (
    Evidence(
        id="B12",
        claim="Keeping 5 % more customers has a high chance of raising revenue by 25 to 95 %",
        figure="+25 to 95 % revenue",
        strength="rule of thumb",
        applies_to="companies of all kinds",
        guide=_B,
        reading=(
            "The figures are those of E11, where they are of profit: keeping 5 % more customers cannot by itself raise "
            "revenue so far."
        ),
    ),
    Evidence(
        id="E11",
        claim="Keeping 5 % more customers can raise profit by at least 25 % and up to 95 %",
        figure="+25 to 95 % profit",
        strength="case",
        applies_to="industries between software and advertising, in the early 1990s",
        guide=_E,
        reading=(
            "Reichheld of Bain & Company calculated it (The Loyalty Effect, 1996; with Sasser in Harvard Business "
            "Review, 1990), of the present value of one customer's profits over all their years rather than of a "
            "year's profit, and of 5 percentage points: from 90 to 95 % kept a year, customers stay twice as long. "
            "Sharp and others object that it is arithmetic on assumptions, and that no company was watched while it "
            "happened."
        ),
    ),
    Evidence(
        id="A10",
        claim="Losing 5 % fewer customers can help to double profit",
        figure="up to double the profit",
        strength="rule of thumb",
        applies_to="companies of all kinds",
        guide=_A,
        reading=(
            "It probably goes back to the opening of an article by Reichheld and Sasser (Harvard Business Review, 1990), which "
            "speaks of almost 100 % more profit; E11 says what was calculated there."
        ),
    ),
    Evidence(
        id="B13",
        claim="Winning a customer is now five times as expensive as keeping one",
        figure="5 times",
        strength="rule of thumb",
        applies_to="companies of all kinds",
        guide=_B,
        reading=(
            "The figure has been passed on for decades in many sizes, without a study that says which costs were "
            "counted. Your own customer_acquisition_cost beside what you spend on keeping says more."
        ),
    ),
    Evidence(
        id="E12",
        claim="Winning a customer can cost up to five times as much as keeping one",
        figure="up to 5 times",
        strength="rule of thumb",
        applies_to="companies of all kinds",
        guide=_E,
        reading="It is the figure of B13, and nothing more is known of where it is from.",
    ),
    Evidence(
        id="C10",
        claim="Loyalty is five to twenty-five times cheaper than winning new customers",
        figure="5 to 25 times",
        strength="rule of thumb",
        applies_to="companies of all kinds",
        guide=_C,
        reading=(
            "Harvard Business Review (The Value of Keeping the Right Customers, 2014) gives this range for whichever "
            "study one believes and whatever the trade, and names none."
        ),
    ),
    Evidence(
        id="E26",
        claim="Existing customers tend to spend more, and are likelier to buy new products",
        strength="rule of thumb",
        applies_to="customers in general",
        guide=_E,
        reading=(
            "Whoever is content stays, so that part of the difference was there before: it does not say that a new "
            "customer who is made to stay will spend as much."
        ),
    ),
    Evidence(
        id="E25",
        claim="Most shoppers do not buy at their first contact with a merchant",
        strength="rule of thumb",
        applies_to="shoppers in general",
        guide=_E,
        reading="No study is named.",
    ),
    Evidence(
        id="B16",
        claim="The cost of a click rises while fewer clicks become orders",
        strength="rule of thumb",
        applies_to="online advertising",
        guide=_B,
        reading="No figure is given. Both differ by trade, device and year; look at your own accounts.",
    ),
)

_WHAT_WORKS = (
    Evidence(
        id="A11",
        claim="Working on several channels at once raises engagement by 18.96 %",
        figure="+18.96 %",
        strength="vendor's claim",
        applies_to="campaigns of online shops, sent in 2018",
        guide=_A,
        reading=(
            "Omnisend's report, from which the figure is, gives it as a level and not as a rise: campaigns on three "
            "channels and more drew 18.96 %, those on one channel 5.4 %. Shops chose which campaign ran on how many "
            "channels, so that the channels alone need not have made the difference."
        ),
    ),
    Evidence(
        id="B15",
        claim="Loyalty programmes with games raise brand loyalty by 22 % and engagement by 47 %",
        figure="+22 % brand loyalty, +47 % engagement",
        strength="vendor's claim",
        applies_to="brands with games in their programme",
        guide=_B,
        reading=(
            "The figures are commonly traced to Snipp Interactive, which sells such programmes; how loyalty and "
            "engagement were measured is not known."
        ),
    ),
    Evidence(
        id="B17",
        claim="A community raises what customers spend in an order",
        strength="rule of thumb",
        applies_to="brands with a community of customers",
        guide=_B,
        reading=(
            "The guide refers to Forbes. A study of one retailer of books, music and films (Manchanda, Packard and "
            "Pattabhiramaiah, Social Dollars, Marketing Science, 2015) found that members spent about 19 % more after "
            "they had joined than comparable customers. It seems to have come from more orders rather than larger "
            "ones, and least from those who spent most already."
        ),
    ),
    Evidence(
        id="C11",
        claim="Companies that put the customer at the centre earn on average 60 % more profit",
        figure="+60 % profit",
        strength="vendor's claim",
        applies_to="companies of all kinds",
        guide=_C,
        reading=(
            "It is commonly traced to Deloitte, without a report in which it could be read; and companies that earn "
            "more can also afford to do more for customers."
        ),
    ),
    Evidence(
        id="C15",
        claim="A single bad experience can turn a customer into a detractor",
        strength="rule of thumb",
        applies_to="customers in general",
        guide=_C,
        reading="No study is named. Your own surveys show it: scores of those who had a case against the others'.",
    ),
    Evidence(
        id="E28",
        claim="More than 2,000 apps of one platform's store help to build a consistent brand experience",
        figure="over 2,000 apps",
        strength="vendor's claim",
        applies_to="shops on Shopify",
        guide=_E,
        reading="It counts what can be bought, and says nothing of what it does.",
    ),
    Evidence(
        id="A12",
        claim="No strategy fits every business",
        strength="rule of thumb",
        applies_to="every business",
        guide=_A,
        reading="A recommendation therefore says for whom it is, why, and when nobody knows.",
    ),
)

_WHAT_PEOPLE_SAY = (
    Evidence(
        id="C12",
        claim="Seven of ten consumers want to help themselves on a company's site",
        figure="70 %",
        strength="survey",
        applies_to="consumers in ten countries, 2013",
        guide=_C,
        reading=(
            "It is probably the survey of Van Belleghem and SSI (The Self-Service Economy, 2013): 70 % expect to find "
            f"an answer to questions and complaints themselves, with a person to turn to if that fails. {_SAID}"
        ),
    ),
    Evidence(
        id="C13",
        claim="Over 90 % of consumers want to deal with a company on channels that they already use",
        figure="over 90 %",
        strength="vendor's claim",
        applies_to="consumers in general",
        guide=_C,
        reading=(
            "No study is named. The nearest that is known is Twilio's survey of 2016 (more than 6,000 people on three "
            "continents), where 9 of 10 wanted to exchange messages with companies; Twilio sells messaging."
        ),
    ),
    Evidence(
        id="C14",
        claim="Eight of ten people trust online reviews as much as a friend's advice",
        figure="80 %",
        strength="survey",
        applies_to="people in the US and Canada, of local businesses",
        guide=_C,
        reading=(
            "BrightLocal's yearly survey found 79 % in 2013, 88 % in 2014 and 85 % in 2017, most of them under a "
            "condition: that there are several reviews, or that they look genuine. The firm sells help with reviews."
        ),
    ),
    Evidence(
        id="E17 rewards",
        claim="41 % of internet users would promote a favourite brand online for rewards",
        figure="41 %",
        strength="survey",
        applies_to="internet users",
        guide=_E,
        reading=f"{_GWI} In charts that GWI has published, good products stand before rewards. {_SAID}",
    ),
    Evidence(
        id="E17 relevance",
        claim="32 % of internet users would promote a favourite brand online because it is relevant to their interests",
        figure="32 %",
        strength="survey",
        applies_to="internet users",
        guide=_E,
        reading=f"{_GWI} {_SAID}",
    ),
    Evidence(
        id="E17 service",
        claim="35 % of consumers would promote a favourite brand online for good service",
        figure="35 %",
        strength="survey",
        applies_to="consumers",
        guide=_E,
        reading=f"{_GWI} {_SAID}",
    ),
    Evidence(
        id="E18 eco",
        claim="46 % of internet users want brands to be eco-friendly",
        figure="46 %",
        strength="survey",
        applies_to="internet users",
        guide=_E,
        reading=f"{_GWI} {_SAID} Wishes that do one credit are named more often than they decide a purchase.",
    ),
    Evidence(
        id="E18 social",
        claim="44 % of internet users want brands to be socially responsible",
        figure="44 %",
        strength="survey",
        applies_to="internet users",
        guide=_E,
        reading=f"{_GWI} {_SAID} Wishes that do one credit are named more often than they decide a purchase.",
    ),
    Evidence(
        id="E18 charity",
        claim="28 % of internet users want brands to support charities",
        figure="28 %",
        strength="survey",
        applies_to="internet users",
        guide=_E,
        reading=f"{_GWI} {_SAID} Wishes that do one credit are named more often than they decide a purchase.",
    ),
    Evidence(
        id="E19",
        claim="28 % of consumers say that delivery on the next day makes them likelier to buy online",
        figure="28 %",
        strength="survey",
        applies_to="consumers",
        guide=_E,
        reading=f"{_GWI} In those, free delivery is named more often than any other reason. {_SAID}",
    ),
    Evidence(
        id="E20",
        claim="44 % of internet users want brands to listen to feedback",
        figure="44 %",
        strength="survey",
        applies_to="internet users",
        guide=_E,
        reading=f"{_GWI} {_SAID}",
    ),
    Evidence(
        id="E21",
        claim="65 % of consumers say that they support small businesses",
        figure="65 %",
        strength="survey",
        applies_to="consumers",
        guide=_E,
        reading=f"No study is named. {_SAID}",
    ),
    Evidence(
        id="E22 Instagram",
        claim="25 % of Instagram's users clicked a sponsored or promoted post in the past month",
        figure="25 %",
        strength="survey",
        applies_to="users of Instagram",
        guide=_E,
        reading=f"{_GWI} For the US alone GWI published 17 % in 2022. Clicks are no orders.",
    ),
    Evidence(
        id="E22 Facebook",
        claim="22 % of Facebook's users clicked a sponsored or promoted post in the past month",
        figure="22 %",
        strength="survey",
        applies_to="users of Facebook",
        guide=_E,
        reading=f"{_GWI} For the US alone GWI published 15 % in 2022. Clicks are no orders.",
    ),
    Evidence(
        id="E22 TikTok",
        claim="22 % of TikTok's users clicked a sponsored or promoted post in the past month",
        figure="22 %",
        strength="survey",
        applies_to="users of TikTok",
        guide=_E,
        reading=f"{_GWI} For the US alone GWI published 17 % in 2022. Clicks are no orders.",
    ),
    Evidence(
        id="E23",
        claim="Adults in the US spend about 16 hours a day online, against 12 hours 24 minutes before the pandemic",
        figure="16 hours a day",
        strength="vendor's claim",
        applies_to="adults in the US, after 2020",
        guide=_E,
        reading=(
            "Estimates by eMarketer are half as high: 7 hours 50 minutes a day with digital media in 2020, and about "
            "13 with media of all kinds, where an hour with two of them at once counts as two."
        ),
    ),
    Evidence(
        id="E24",
        claim="Nearly half of internet users look brands up in social networks",
        figure="nearly 50 %",
        strength="survey",
        applies_to="internet users",
        guide=_E,
        reading=f"{_GWI} {_SAID}",
    ),
)

EVIDENCE: Mapping[str, Evidence] = FrozenMapping(
    {each.id: each for each in (*_WORTH_OF_KEEPING, *_WHAT_WORKS, *_WHAT_PEOPLE_SAY)}
)
"""What was published for keeping customers and is no `Benchmark`, by id."""

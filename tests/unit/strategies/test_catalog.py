"""The strategies and the evidence that come with the library: complete, consistent, and fit to be read."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest
from attrs import fields

import retention
from retention import (
    METRICS,
    Checkout,
    Customer,
    Interaction,
    LineItem,
    Order,
    Subscription,
    SurveyResponse,
)
from retention.benchmarks import BENCHMARKS
from retention.strategies._catalog import _ALL, EVIDENCE, STRATEGIES
from retention.strategies._evidence import _WHAT_PEOPLE_SAY, _WHAT_WORKS, _WORTH_OF_KEEPING
from retention.strategies._signals import SIGNALS

SOURCES = (Path(__file__).parents[3] / "docs" / "sources.md").read_text(encoding="utf-8")
EVERY = pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
CLAIM = pytest.mark.parametrize("evidence", EVIDENCE.values(), ids=EVIDENCE)

# What the guides say to do, one entry for each step of the table in docs/sources.md. Every word of an entry must occur
# in the steps that cite the id; "a|b" is either of two.
STEPS: dict[str, tuple[str, ...]] = {
    "SA1": (
        "ways pay",
        "tax location demographic",
        "live+chat",
        "automatic thank welcome WhatsApp SMS Messenger e-mail",
    ),
    "SA2": (
        "neither|nothing|assume brand product teach|explain",
        "first+use design",
        "installation|set-up|setting guide",
        "support",
    ),
    "SA3": ("join channel", "history repetition", "voice brand", "data optimis", "personalis segment"),
    "SA4": (
        "one-to-one whole+journey",
        "automat scale",
        "segment",
        "recommendation tailored",
        "AI real+time",
    ),
    "SA5": (
        "why|reason",
        "real+time",
        "reason|give change mind",
        "at+once failed payment|payments fault",
        "automat payment expir account remind",
    ),
    "SA6": (
        "behaviour site social event",
        "ask after purchase return",
        "loyalty brand site",
        "campaign prepare",
        "automatic live+chat WhatsApp",
        "low scor solve",
    ),
    "SA7": ("loyal quiet|silent|silence",),
    "SA8": ("product service choose", "quarter half-year|half-yearly|half+a+year year renew"),
    "SB1": ("scratch wheel", "credit discount exclusive prize", "structured|ladder|level|tier reward member"),
    "SB2": ("channel prefer", "telephone urgent", "round+the+clock complex", "human"),
    "SB3": (
        "beyond first+name recommendation purchase+history birthday anniversar offer",
        "try-and-buy consultation",
        "coupon abandoned|left|leave cart|carts SMS e-mail",
        "back+in+stock|back-in-stock code",
    ),
    "SB4": ("CSAT NPS review experience call|calls", "train agent|agents product development|develop"),
    "SB5": (
        "branded hashtag",
        "exclusive Facebook WhatsApp Telegram group",
        "exclusive+benefit",
        "show customers' posts",
        "event",
    ),
    "SB6": ("lookbook blog ideal+customer newsletter expert+video interview", "mixed promotion"),
    "SB7": (
        "what why who behind+the+scenes",
        "values struggles mission",
        "about+page",
        "video product+page social e-mail",
    ),
    "SB8": ("responses each+strategy optimise",),
    "SB9": ("average+order+value|average+order pric",),
    "SC1": ("survey benefit|coupon|thank|reward", "range|mix|product communicat|message|say"),
    "SC2": ("profile best attract keep like+them",),
    "SC3": ("customer's+side|customer's easy cheap",),
    "SC4": ("from+the+sale+on pain push", "decide", "blog social e-mail download"),
    "SC5": ("train attentive confident sales success support", "tool human"),
    "SC6": ("handwritten|written+by+hand|by+hand gift coupon", "creative|inventive"),
    "SC7": ("tutorial case support|help site", "service+time|time other"),
    "SC8": ("interaction each+stage", "LTV ROI conversion"),
    "SC9": (
        "shorter+form remember data",
        "name message",
        "first+purchase anniversar coupon",
        "search spelling voice image place behaviour recommendation+window",
    ),
    "SC10": ("integrat|join sales communication support", "same better each+contact", "friction"),
    "SC11": ("promise keep advert description exchange return", "own+up|admit|fault explain best|offer"),
    "SC12": ("help+centre blog social e-book infographic manual", "before after purchase"),
    "SC13": ("cashback regist|join|enrol accru|collect|earn redeem", "score|points gam"),
    "SC14": ("NPS repurchase social survey open|unasked all+the+time|always|every|constant",),
    "SC15": ("rating testimonial site case post",),
    "SC16": ("coupon absent|away|silent|absence", "gift frequent", "refer"),
    "SC17": ("automat",),
    "SD1": ("thank welcome right+after|minutes|at+once purchase", "short SMS link", "miss coupon|voucher"),
    "SD2": ("sample trial coupon", "more+than+once|again|repeat"),
    "SD3": ("answer quickly", "reactions shares", "adjust"),
    "SD4": ("discount free point redeem any+time", "invit join"),
    "SD5": ("update discount viewed", "polls quizzes"),
    "SD6": ("colour image type packaging consistent",),
    "SD7": ("code newcomer|new+customer|friend discount", "account"),
    "SD8": ("discount bonus repeat|regular|frequent long-standing|long",),
    "SD9": ("day", "quick|fast satisf|solve trust", "one-time|once|first loyal"),
    "SE1": (
        "point spend|spent|euro redeem sample discount product",
        "average+order+value|average+order|AOV",
        "social mention|post link e-mail text|SMS",
    ),
    "SE2": ("profits environment hunger", "green+packaging", "footprint lower"),
    "SE3": ("event", "on+site online", "private+group stories questions"),
    "SE4": (
        "ask|feedback first",
        "admit|own+up|mistake|error|fault first|before",
        "common question",
        "what+is+said|mention|watch",
    ),
    "SE5": (
        "status touchpoint push recommendation tracking",
        "tips use",
        "cross-sell|goes+with behaviour|bought|viewed",
    ),
    "SE6": ("purchase+history POS loyalty", "name fitting-room note parcel", "preferences one+to+one"),
    "SE7": (
        "BOPIS easy return",
        "social+selling",
        "buy+in+store ship warehouse another+store",
        "one+service e-mail telephone chat social site store",
        "comments messages",
        "live+chat pick-up",
    ),
    "SE8": (
        "personal shop store appointment survey preference",
        "subscription|box box|boxes",
        "gift introduc",
    ),
    "SE9": ("online rank review guide other+way+round",),
    "SE10": ("styling and+the+like experience transaction",),
    "SE11": ("QR queue window pop-up", "class tour event check-in rebook"),
    "SE12": ("listen", "feedback", "touchpoint service|first-rate"),
    "SE13": ("online+order kerbside delivery",),
    "SE14": ("trust|rely",),
    "SE15": ("fast reliable|keeps personal", "prompt|quick|repl news|proactive|tell", "offer point"),
    "SE16": ("news promotion update",),
    "SE17": ("retention+strategy every+level",),
    "SE18": ("like loyal|best look-alike|lookalike|alike|resembl",),
    "SE19": ("online store preferences contacts one+profile", "tags", "segmented+mailing"),
    "SE20": ("retarget e-mail before buy|buying|paying|pay new",),
}


def sources_of_strategies():
    """Id and steps of each row under "Strategies" of the page, without what links to this library's own pages."""
    table = SOURCES.partition("\n## Strategies")[2]
    for source, steps in re.findall(r"^\| (S[A-E]\d+) \| [^|]* \| ([^|]*) \|", table, re.MULTILINE):
        yield source, [step for step in steps.split("; ") if "{py:" not in step]


def steps_citing(source):
    return [step.text for each in STRATEGIES.values() for step in each.steps if source in step.sources]


def missing(words, text):
    """Those of the words that do not occur in the text: "a|b" is either, "a+b" is "a b"."""
    text = " ".join(text.casefold().split())
    return [
        word
        for word in words.split()
        if not any(one.replace("+", " ").casefold() in text for one in word.split("|"))
    ]


# ------------------------------------------------------------------------------------ complete


def test_the_table_above_has_every_step_of_the_page():
    listed = dict(sources_of_strategies())
    assert list(listed) == list(STEPS)
    assert len(listed) == 63
    short = {source: steps for source, steps in listed.items() if len(STEPS[source]) < len(steps)}
    assert not short


@pytest.mark.parametrize("source", STEPS)
def test_some_strategy_covers_each_published_one(source):
    assert any(source in each.sources for each in STRATEGIES.values())


@pytest.mark.parametrize("source", STEPS)
def test_every_published_step_is_in_a_step_that_cites_it(source):
    text = " ".join(steps_citing(source))
    assert text, f"no step cites {source}"
    assert not [word for words in STEPS[source] for word in missing(words, text)], text


def test_words_that_do_not_occur_are_found():
    assert missing("tax live+chat cat|dog", "Taxes, and a live\n chat with a dog") == []
    assert missing("tax live+chat cat|dog", "Chat live") == ["tax", "live+chat", "cat|dog"]


def test_every_figure_of_the_page_that_is_no_benchmark_is_evidence():
    table = SOURCES.partition("\n## Figures")[2].partition("\n## ")[0]
    figures = set(re.findall(r"^\| ([A-E]\d+) \|", table, re.MULTILINE))
    assert len(figures) == 35
    ours = {each.source for each in EVIDENCE.values()}
    published = {each.source for each in BENCHMARKS.values()}
    assert ours | published == figures
    # What A11 says in the guide is no level, and what the study says is: it stands in both.
    assert ours & published == {"A11"}


# ---------------------------------------------------------------------------------- consistent


def test_no_id_stands_twice():
    assert len(STRATEGIES) == len(_ALL)
    assert len(EVIDENCE) == len(_WORTH_OF_KEEPING) + len(_WHAT_WORKS) + len(_WHAT_PEOPLE_SAY)
    assert not set(EVIDENCE) & set(BENCHMARKS)


def test_no_title_stands_twice():
    assert len({each.title for each in STRATEGIES.values()}) == len(STRATEGIES)


@EVERY
def test_an_id_is_lower_case_with_hyphens(strategy):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", strategy.id)
    assert STRATEGIES[strategy.id] is strategy


@EVERY
def test_a_strategy_cites_what_its_steps_cite(strategy):
    cited = {source for step in strategy.steps for source in step.sources}
    assert cited == set(strategy.sources)
    assert cited <= set(STEPS)
    assert len(set(strategy.sources)) == len(strategy.sources)


@EVERY
def test_whatever_it_refers_to_exists(strategy):
    assert set(strategy.evidence) <= {*EVIDENCE, *BENCHMARKS}
    assert {*strategy.overlaps, *strategy.contradicts} <= set(STRATEGIES) - {strategy.id}
    assert not set(strategy.overlaps) & set(strategy.contradicts)
    for several in (strategy.evidence, strategy.overlaps, strategy.contradicts):
        assert len(set(several)) == len(several)


@EVERY
def test_overlaps_and_contradictions_hold_both_ways(strategy):
    assert all(strategy.id in STRATEGIES[other].overlaps for other in strategy.overlaps)
    assert all(strategy.id in STRATEGIES[other].contradicts for other in strategy.contradicts)


@EVERY
def test_the_figures_that_it_moves_are_metrics_and_move_for_the_better(strategy):
    assert strategy.moves
    for name, way in strategy.moves.items():
        figure = METRICS.get(name) or SIGNALS[name]
        assert figure.direction in {"neither", {"up": "higher", "down": "lower"}[way]}, name
    watched = next(iter(strategy.moves))
    assert watched in SIGNALS or METRICS[watched].shown, "what is to be watched can be read every month"


RECORDS = (Order, LineItem, Customer, Checkout, Interaction, Subscription, SurveyResponse)
FIELDS = {record.__name__: {each.name for each in fields(record)} for record in RECORDS}


@EVERY
def test_fields_and_functions_that_a_text_names_exist(strategy):
    known = {*retention.__all__, *SIGNALS, *(name for names in FIELDS.values() for name in names)}
    for text in (strategy.what, *(step.text for step in strategy.steps), *strategy.needs, *strategy.risks):
        for record, name in re.findall(r"\b([A-Z]\w+)\.([a-z]\w*)", text):
            assert name in FIELDS[record], text
        for name in re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", text):
            assert name in known, text


# --------------------------------------------------------------------------------- fit to be read


@EVERY
def test_nothing_is_empty_that_a_merchant_needs(strategy):
    assert 5 <= len(strategy.steps) <= 12
    assert strategy.first_steps == strategy.steps[:3]
    assert strategy.audiences
    assert strategy.needs
    assert strategy.risks


@EVERY
def test_what_it_is_takes_a_few_sentences(strategy):
    assert 2 <= len(re.findall(r"[.?!](?: |$)", strategy.what)) <= 5


def texts():
    for each in STRATEGIES.values():
        yield from ((each.id, text) for text in (each.what, *each.risks, *(step.text for step in each.steps)))
    for claim in EVIDENCE.values():
        yield from ((claim.id, text) for text in (f"{claim.claim}.", claim.reading) if text)


ALL_TEXTS = list(texts())


def test_texts_are_sentences():
    wrong = [text for _, text in ALL_TEXTS if not re.fullmatch(r"[A-Z0-9\"'“].*[.?!]\"?", text)]
    assert not wrong


def test_texts_are_clean():
    dirty = re.compile(r"  |\n|\s[,.;:?!]|\.\.|[“”’]|\bTODO\b|—")
    assert not [text for _, text in ALL_TEXTS if dirty.search(text)]


def test_no_text_stands_twice():
    steps = [text for owner, text in ALL_TEXTS if owner in STRATEGIES]
    assert len(set(steps)) == len(steps)


def test_spelling_is_british_throughout():
    american = re.compile(
        r"\b(\w+[^wsprz]iz(e|es|ed|ing|ation)|colors?|behaviors?|programs|favorite|catalog|center|labor|honest?ly guaranteed)\b"
    )
    assert not [text for _, text in ALL_TEXTS if (found := american.search(text)) and found[0] != "sizes"]


@EVERY
def test_titles_are_short_and_no_sentences(strategy):
    assert len(strategy.title) <= 60
    assert strategy.title[0].isupper()
    assert not strategy.title.endswith(".")


@EVERY
def test_lists_of_words_are_no_sentences(strategy):
    for text in (*strategy.audiences, *strategy.needs, *strategy.channels):
        assert not text.endswith("."), text


CHANNELS = re.search(r"Channels that they name: (.*)\.$", SOURCES, re.MULTILINE)[1]


@EVERY
def test_channels_are_those_that_the_guides_name(strategy):
    assert set(strategy.channels) <= set(re.split(r", | \(|\)| and ", CHANNELS))


# ------------------------------------------------------------------------------------- evidence


@CLAIM
def test_a_claim_reads_well(evidence):
    assert str(evidence).startswith(
        f"{evidence.claim} ({evidence.id}, {evidence.guide}; {evidence.strength})."
    )
    assert not evidence.claim.endswith(".")
    assert evidence.reading, "say what is known of it, or that nothing is"


@CLAIM
def test_a_figure_has_its_number_and_the_claim_too(evidence):
    numbers = re.findall(r"\d[\d,.]*", evidence.figure)
    words = {
        "70": "Seven of ten",
        "80": "Eight of ten",
        "50": "Nearly half",
        "5": "five",
        "25": "twenty-five",
    }
    assert bool(numbers) == bool(evidence.figure) or evidence.id == "A10"
    assert all(each in evidence.claim or words[each] in evidence.claim for each in numbers)


def test_some_strategy_rests_on_what_is_claimed_for_one():
    used = {name for each in STRATEGIES.values() for name in each.evidence}
    assert {each.id for each in (*_WHAT_WORKS, *_WHAT_PEOPLE_SAY)} - used == set()


def test_the_principle_can_be_cited():
    assert EVIDENCE["A12"].claim == "No strategy fits every business"


@pytest.mark.parametrize("table", [STRATEGIES, EVIDENCE], ids=["strategies", "evidence"])
def test_the_tables_are_read_only_and_pickle(table):
    with pytest.raises(TypeError):
        table["mine"] = None
    assert dict(pickle.loads(pickle.dumps(table))) == dict(table)

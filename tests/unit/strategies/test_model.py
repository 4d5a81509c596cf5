"""What a strategy, a step and a piece of evidence are, and what none of them may be."""

from __future__ import annotations

import pickle

import pytest
from attrs import asdict, evolve
from attrs.exceptions import FrozenInstanceError

from retention.errors import InvalidTypeError, InvalidValueError
from retention.strategies import Evidence, Step, Strategy

STRATEGY = Strategy(
    id="call-them",
    title="Call them",
    what="Somebody calls. That is all.",
    steps=[Step("Ask."), Step("Listen.", ["SA6"]), Step("Do."), Step("Tell.")],
    audiences=["regulars"],
    effort="low",
    moves={"repeat_purchase_rate": "up", "customer_churn_rate": "down"},
)
CLAIM = Evidence(
    id="E17 rewards",
    claim="41 % would do it",
    strength="survey",
    applies_to="internet users",
    guide="A guide",
)


# ----------------------------------------------------------------------------------------- a strategy


def test_a_strategy_holds_what_was_given():
    assert STRATEGY.steps[1] == Step("Listen.", ("SA6",))
    assert STRATEGY.audiences == ("regulars",)
    assert dict(STRATEGY.moves) == {"repeat_purchase_rate": "up", "customer_churn_rate": "down"}


def test_what_need_not_be_given():
    assert STRATEGY.stages == ("early", "middle", "late")
    assert STRATEGY.is_audience_ours is False
    several = ("channels", "needs", "evidence", "risks", "overlaps", "contradicts", "sources")
    assert all(getattr(STRATEGY, name) == () for name in several)


def test_the_first_three_steps_are_those_to_begin_with():
    assert [str(step) for step in STRATEGY.first_steps] == ["Ask.", "Listen.", "Do."]


def test_its_text_is_title_and_what_it_is():
    assert str(STRATEGY) == "Call them: Somebody calls. That is all."
    hidden = evolve(STRATEGY, title="Call\u202e\x1b[1m them", what="Somebody\ncalls.")
    assert str(hidden) == "Call\\u202e\\x1b[1m them: Somebody calls."


def test_moves_keep_their_order_since_the_first_is_watched():
    assert list(STRATEGY.moves) == ["repeat_purchase_rate", "customer_churn_rate"]


def test_a_strategy_is_a_value():
    assert pickle.loads(pickle.dumps(STRATEGY)) == STRATEGY
    assert hash(evolve(STRATEGY)) == hash(STRATEGY)
    assert evolve(STRATEGY, effort="high") != STRATEGY
    assert asdict(STRATEGY, recurse=False)["id"] == "call-them"


def test_what_was_given_can_change_behind_it():
    moves, steps = {"repeat_purchase_rate": "up"}, [Step("Ask.")]
    made = evolve(STRATEGY, moves=moves, steps=steps)
    moves["referral_rate"] = "up"
    steps.append(Step("Tell."))
    assert list(made.moves) == ["repeat_purchase_rate"]
    assert len(made.steps) == 1


@pytest.mark.parametrize("value", [STRATEGY, CLAIM, Step("Ask.")], ids=["strategy", "evidence", "step"])
def test_nothing_can_be_set(value):
    with pytest.raises(FrozenInstanceError):
        value.id = "other"


TEXT = r"Strategy\.{} must be a text, not int \(got 3\)"
EMPTY = r"Strategy\.{} must not be empty \(got '.*'\); people read it"


@pytest.mark.parametrize("name", ["id", "title", "what"])
def test_texts_of_a_strategy_are_texts_that_say_something(name):
    with pytest.raises(InvalidTypeError, match=TEXT.format(name)):
        evolve(STRATEGY, **{name: 3})
    for empty in ("", "  \n"):
        with pytest.raises(InvalidValueError, match=EMPTY.format(name)):
            evolve(STRATEGY, **{name: empty})


SEVERAL = [
    "stages",
    "audiences",
    "channels",
    "needs",
    "evidence",
    "risks",
    "overlaps",
    "contradicts",
    "sources",
]


@pytest.mark.parametrize("name", SEVERAL)
@pytest.mark.parametrize("value, kind", [("early", "str"), (3, "int"), (None, "NoneType")])
def test_several_texts_are_not_one(name, value, kind):
    with pytest.raises(InvalidTypeError, match=rf"Strategy\.{name} must be several texts, not {kind}"):
        evolve(STRATEGY, **{name: value})


@pytest.mark.parametrize("name", SEVERAL)
def test_each_of_several_texts_is_one(name):
    with pytest.raises(InvalidTypeError, match=TEXT.format(name)):
        evolve(STRATEGY, **{name: ("early", 3)})
    with pytest.raises(InvalidValueError, match=EMPTY.format(name)):
        evolve(STRATEGY, **{name: ["early", " "]})


@pytest.mark.parametrize("given", [(), ("soon",), ("early", "soon"), ("early", "early")])
def test_stages_are_some_of_three_each_once(given):
    message = r"Strategy\.stages must be one or more of early, middle, late, each once \(got "
    with pytest.raises(InvalidValueError, match=message):
        evolve(STRATEGY, stages=given)


@pytest.mark.parametrize("given", [("Ask.",), "Ask.", Step("Ask."), None, [Step("Ask."), "Tell."]])
def test_steps_are_steps(given):
    with pytest.raises(InvalidTypeError, match=r"Strategy\.steps must be several Steps, such as \(Step\("):
        evolve(STRATEGY, steps=given)


def test_a_strategy_has_a_step():
    with pytest.raises(InvalidValueError, match=r"Strategy\.steps must hold at least one Step \(got none\)"):
        evolve(STRATEGY, steps=())


@pytest.mark.parametrize("given", [["repeat_purchase_rate"], "up", None, {3: "up"}])
def test_moves_map_names_to_directions(given):
    with pytest.raises(
        InvalidTypeError, match=r'Strategy\.moves must map names of figures to "up" or "down"'
    ):
        evolve(STRATEGY, moves=given)


@pytest.mark.parametrize("way", ["higher", "", None, 1])
def test_a_direction_is_up_or_down(way):
    message = r"Strategy\.moves\['referral_rate'\] must be \"up\" or \"down\" \(got "
    with pytest.raises(InvalidValueError, match=message):
        evolve(STRATEGY, moves={"repeat_purchase_rate": "up", "referral_rate": way})


@pytest.mark.parametrize("effort", ["huge", "", "Low"])
def test_effort_is_one_of_three(effort):
    with pytest.raises(InvalidValueError, match=r"Strategy\.effort must be .*low.*medium.*high"):
        evolve(STRATEGY, effort=effort)


def test_whose_choice_the_audience_is_is_true_or_false():
    with pytest.raises(InvalidTypeError, match=r"Strategy\.is_audience_ours must be "):
        evolve(STRATEGY, is_audience_ours="yes")


# --------------------------------------------------------------------------------------------- a step


def test_a_step_is_a_sentence_and_says_who_says_so():
    assert str(Step("Ask.", ["SA1", "SD1"])) == "Ask."
    assert Step("Ask.", ["SA1", "SD1"]).sources == ("SA1", "SD1")
    assert Step("Ask.").sources == ()


def test_a_step_says_something():
    with pytest.raises(InvalidTypeError, match=r"Step\.text must be a text, not NoneType \(got None\)"):
        Step(None)
    with pytest.raises(InvalidValueError, match=r"Step\.text must not be empty"):
        Step(" ")


def test_the_sources_of_a_step_are_several():
    with pytest.raises(InvalidTypeError, match=r"Step\.sources must be several texts, not str \(got 'SA1'\)"):
        Step("Ask.", "SA1")


# --------------------------------------------------------------------------------------- a piece of evidence


def test_the_source_is_the_first_word_of_the_id():
    assert CLAIM.source == "E17"
    assert evolve(CLAIM, id="B12").source == "B12"


def test_its_text_says_who_claims_it_and_how_much_it_carries():
    assert str(CLAIM) == "41 % would do it (E17 rewards, A guide; survey)."
    known = evolve(CLAIM, reading="Mind the year.")
    assert str(known) == "41 % would do it (E17 rewards, A guide; survey). Mind the year."


@pytest.mark.parametrize("name", ["id", "claim", "applies_to", "guide"])
def test_texts_of_evidence_say_something(name):
    with pytest.raises(InvalidTypeError, match=rf"Evidence\.{name} must be a text, not int"):
        evolve(CLAIM, **{name: 3})
    with pytest.raises(InvalidValueError, match=rf"Evidence\.{name} must not be empty"):
        evolve(CLAIM, **{name: ""})


@pytest.mark.parametrize("name", ["figure", "reading"])
def test_some_texts_may_be_empty_but_not_blank(name):
    assert getattr(evolve(CLAIM, **{name: ""}), name) == ""
    with pytest.raises(InvalidValueError, match=rf"Evidence\.{name} must not be empty"):
        evolve(CLAIM, **{name: "  "})
    with pytest.raises(InvalidTypeError, match=rf"Evidence\.{name} must be a text, not float"):
        evolve(CLAIM, **{name: 0.41})


@pytest.mark.parametrize("strength", ["strong", "", "Survey"])
def test_strength_is_one_of_five(strength):
    with pytest.raises(InvalidValueError, match=r"Evidence\.strength must be .*experiment.*vendor's claim"):
        evolve(CLAIM, strength=strength)

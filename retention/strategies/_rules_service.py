"""Default rules: what customers go through, and what they say of it.

No guide gives a limit for any of these figures, so that they are this library's. Limits can be moved, so that no reason
speaks of one.
"""

from __future__ import annotations

from datetime import timedelta

from retention.strategies._conditions import Condition
from retention.strategies._rules import Rule
from retention.strategies._weights import CHANCE, KNOWN_CAUSE

__all__ = ["SERVICE_RULES"]

_A_MONTH, _A_QUARTER = timedelta(days=30), timedelta(days=91)

SERVICE_RULES: tuple[Rule, ...] = (
    Rule(
        "questions-stay-unanswered",
        strategy="responsive-support",
        # Ours: one in five waits for more than a week, which is as good as no answer.
        conditions=(Condition("answered_rate", below=0.8),),
        requires=("Interaction.answered_at",),
        audience="asked for help",
        weight=KNOWN_CAUSE,
        because="Whoever asks and hears nothing has the answer.",
        horizon=_A_MONTH,
    ),
    Rule(
        "answers-come-late",
        strategy="responsive-support",
        # Ours: half of those who are answered wait for longer than a day.
        conditions=(Condition("first_response_days", above=1),),
        audience="asked for help",
        weight=KNOWN_CAUSE,
        because="Those who get an answer wait for it too long, and some buy elsewhere meanwhile.",
        horizon=_A_MONTH,
    ),
    Rule(
        "solutions-come-late",
        strategy="trained-team",
        # Ours: half wait for longer than three days.
        conditions=(Condition("resolution_days", above=3),),
        audience="asked for help",
        because=(
            "Answers come, but solutions take too long: those who answer may lack the knowledge or the right "
            "to decide."
        ),
        horizon=_A_QUARTER,
    ),
    Rule(
        "support-is-overrun",
        strategy="self-service",
        # Ours: the first is twice what a calm shop has, the second a fifth of the solutions.
        conditions=(
            Condition("asking_customers_rate", above=0.4, at_least=100),
            Condition("self_service_rate", below=0.2),
        ),
        audience="asked for help",
        weight=KNOWN_CAUSE,
        because=(
            "Many customers need help, and hardly any find it by themselves, so that the team writes the same "
            "answers again and again."
        ),
        watch="self_service_rate",
        horizon=_A_QUARTER,
    ),
    Rule(
        "newcomers-need-help",
        strategy="onboarding",
        # Ours: twice what a calm shop has.
        conditions=(Condition("new_customer_contact_rate", above=0.3, at_least=50),),
        audience="new customers",
        weight=KNOWN_CAUSE,
        because=(
            "So many ask for help soon after their first purchase that the first steps must be hard. Teach "
            "what they need before they have to ask."
        ),
        horizon=_A_QUARTER,
    ),
    Rule(
        "more-detractors-than-promoters",
        strategy="rescue-unhappy-customers",
        # By the score's own sense: below 0 more people warn of the shop than praise it.
        conditions=(Condition("net_promoter_score", below=0, at_least=50),),
        audience="unhappy customers",
        weight=KNOWN_CAUSE,
        because=(
            "Too many customers would warn of the shop, beside those who would recommend it. The unhappy ones "
            "have said who they are, so begin with them."
        ),
        horizon=_A_MONTH,
    ),
    Rule(
        "recommendation-fell",
        strategy="rescue-unhappy-customers",
        # Ours: five points, further than chance goes one time in a hundred.
        conditions=(Condition("net_promoter_score", change="fell", by=5, at_least=50, confidence=0.99),),
        audience="unhappy customers",
        weight=KNOWN_CAUSE,
        because=(
            "Customers recommend the shop less than in the period before, by more than chance. Some of them "
            "can still be won over: those who have just said so. Where the season explains it, as after "
            "Christmas, wait for the next period."
        ),
        horizon=_A_MONTH,
    ),
    Rule(
        "satisfaction-fell",
        strategy="feedback-loop",
        # Ours: likewise.
        conditions=(
            Condition("customer_satisfaction_score", change="fell", by=5, at_least=50, confidence=0.99),
        ),
        audience="unhappy customers",
        because=(
            "Fewer are satisfied than in the period before, by more than chance, and something must have "
            "changed. Look first whether the same questions were asked as often, and whether the season "
            "explains it. What else it was, their answers say, if somebody reads them and passes them on."
        ),
        horizon=_A_MONTH,
    ),
    Rule(
        "few-are-satisfied",
        strategy="feedback-loop",
        # Ours: three in ten who are not satisfied.
        conditions=(Condition("customer_satisfaction_score", below=70, at_least=50),),
        audience="unhappy customers",
        because=(
            "Many customers say that they are not satisfied. Find out with what, mend the commonest thing, "
            "and tell them."
        ),
        horizon=_A_QUARTER,
    ),
    Rule(
        "public-word-is-bad",
        strategy="social-presence",
        # By the scale's own sense: below 0 the tone is bad.
        conditions=(Condition("sentiment_score", below=0, options={"kind": "mention"}),),
        audience=None,
        because=(
            "What people say of the shop in public speaks against it, and others read it. Be there, answer, "
            "and put right what is true."
        ),
        horizon=_A_MONTH,
    ),
    Rule(
        "reviews-stay-unanswered",
        strategy="social-presence",
        # Ours: half of them.
        conditions=(Condition("answered_rate", below=0.5, options={"kind": "review"}),),
        requires=("Interaction.answered_at",),
        audience=None,
        urgent=False,
        weight=CHANCE,
        because="Many reviews hear nothing from the shop, and every reader sees that.",
        horizon=_A_QUARTER,
    ),
    Rule(
        "buying-is-hard",
        strategy="frictionless-experience",
        # Ours: more find it hard, or so-so, than easy.
        conditions=(Condition("customer_effort_score", below=50, options={"method": "agree"}),),
        audience=None,
        because=(
            "Too few customers say that it was easy. Effort drives people away more quietly than anger."
        ),
        horizon=_A_QUARTER,
    ),
    Rule(
        "goods-come-back",
        strategy="honesty",
        # Ours, for goods that people keep as a rule; who sells shoes by post sets it higher.
        conditions=(Condition("refund_rate", above=0.12, at_least=50),),
        audience=None,
        worth="revenue",
        weight=KNOWN_CAUSE,
        because=(
            "Much of the money is given back, so the goods are not what people expected. Descriptions, "
            "pictures and sizes are the first thing to mend, since that takes days. Where people order to try "
            "on, more comes back without a fault."
        ),
        horizon=_A_QUARTER,
    ),
    Rule(
        "goods-disappoint",
        strategy="quality-goods",
        # Ours, as above, and as below 70 points: who is told the truth and sends it back all the same wanted better goods.
        conditions=(
            Condition("refund_rate", above=0.12, at_least=50),
            Condition("customer_satisfaction_score", below=70, at_least=50),
        ),
        audience=None,
        worth="revenue",
        because=(
            "Much of the money is given back, and customers say that they are not satisfied, so that better "
            "descriptions alone won't do. Look at which goods come back, and why."
        ),
        horizon=_A_QUARTER,
    ),
)
"""Rules about service, satisfaction and goods."""

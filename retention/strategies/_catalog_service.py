"""Strategies for those who help: answer well, teach, let people help themselves, and be first with bad news."""

from __future__ import annotations

from retention.strategies._model import Step, Strategy

__all__ = ["SERVICE"]

SERVICE: tuple[Strategy, ...] = (
    Strategy(
        id="responsive-support",
        title="Support that is easy to reach and quick",
        what=(
            "Be there on the channel that the customer prefers, answer soon, and solve it the first time. A "
            "question is a moment at which somebody either learns that you can be trusted or begins to look "
            "elsewhere, and a problem solved well can turn a single visit into a habit. Speed alone does not "
            "do it: a quick answer that solves nothing only doubles the waiting."
        ),
        steps=(
            Step(
                "Count for a month how many questions came in, on which channel, at which hour, and how long "
                "the first answer and the solution took; publish the hours and the answering time that you "
                "can keep, and keep them.",
            ),
            Step(
                "Bring all channels of service into one queue (e-mail, telephone, chat, social media, "
                "messages), so that customers write where they prefer to and nobody has to tell the story "
                "twice.",
                ("SB2",),
            ),
            Step(
                "Let an urgent matter go to the telephone: put the number where trouble happens (failed "
                "payment, lost parcel, a gift for tomorrow), and let agents offer to call instead of writing "
                "a third e-mail.",
                ("SB2",),
            ),
            Step(
                "Be active all day: cover evenings and weekends by turns before you cover nights, and let an "
                "automatic reply say when a person will be back.",
                ("SD9",),
            ),
            Step(
                "For complex goods keep a call centre round the clock, of your own or hired, with people who "
                "know the goods; for simple ones a good self-service does at night.",
                ("SB2",),
            ),
            Step(
                "Keep a human touch: a name under each answer, no more than a third of it from a template, "
                "and the power to refund up to a set sum without asking anybody.",
                ("SB2",),
            ),
            Step(
                "Answer quickly and satisfy with the first answer: say what happens next and by when, and "
                "ask two days later whether it is solved, since that is what builds trust.",
                ("SD9",),
            ),
            Step(
                "After a first purchase that needed help, follow up in person; that good experience is what "
                "makes a loyal customer of a one-time visitor.",
                ("SD9",),
            ),
            Step(
                "Watch the days to the first answer and to the solution, the share answered at all, and the "
                "satisfaction of those who asked, each by channel.",
            ),
        ),
        audiences=("customers who ask for help",),
        is_audience_ours=True,
        channels=(
            "telephone",
            "live chat",
            "e-mail",
            "WhatsApp",
            "Messenger",
            "direct message",
            "post comment",
            "social media",
        ),
        needs=(
            "interactions with their answers (Interaction.occurred_at, answered_at, solved_at, channel)",
            "one tool in which all channels arrive",
            "people enough for the hours that you promise",
        ),
        effort="high",
        moves={
            "first_response_days": "down",
            "answered_rate": "up",
            "resolution_days": "down",
            "customer_satisfaction_score": "up",
            "customer_retention_rate": "up",
            "refund_rate": "down",
        },
        evidence=("C13", "C15", "E17 service"),
        risks=(
            (
                "Every hour and every channel costs people; a channel that is opened and then left alone "
                "does harm."
            ),
            "Measured by speed alone, agents close cases rather than solve them.",
            "Quicker answers bring more questions for a while: those who had given up ask again.",
        ),
        overlaps=("trained-team", "self-service", "proactive-service", "omnichannel"),
        sources=("SB2", "SD9"),
    ),
    Strategy(
        id="trained-team",
        title="A team that knows how to help",
        what=(
            "Customers do not meet your shop, they meet whoever answers. A trained, attentive and confident "
            "team, from sales to support, decides well without asking upstairs, and people come back to "
            "shops where that happens. Tools help the team to be quick; they replace nobody who listens, and "
            "no training helps people whom the rules leave nothing to decide."
        ),
        steps=(
            Step(
                "Listen to ten calls and read twenty answers together, once, with everyone who sells and "
                "supports; write down what a good answer has, on one page.",
                ("SC5",),
            ),
            Step(
                "Train the team in goods, tools and hard conversations before the season begins, and an hour "
                "each week after that, with cases of last week; let them decide up to a set sum, since "
                "nothing makes people as confident, and let them listen to the end, since nothing shows as "
                "much that they are attentive.",
                ("SC5",),
            ),
            Step(
                "Give sales, success and support one view of the customer and one goal, such as customers "
                "who are still there after 90 days, so that no department shines at another's cost.",
                ("SC5",),
            ),
            Step(
                "Choose tools that take work away (one inbox, templates to start from, the order beside the "
                "message), and leave the human part to humans: no automatic reply to a complaint.",
                ("SC5",),
            ),
            Step(
                "Keep the load bearable: no more cases at a time than somebody can hold in mind, and a break "
                "after a hard call.",
            ),
            Step(
                "Let each person see the satisfaction of those whom they helped, as a help and never as a "
                "ranking.",
            ),
            Step(
                "Measure the satisfaction by touchpoint before and after a training, with enough answers to "
                "tell (power says how many).",
            ),
        ),
        audiences=("customers who deal with your people",),
        is_audience_ours=True,
        channels=("telephone", "live chat", "e-mail", "physical store", "social media"),
        needs=(
            "time for training in the rota",
            "survey answers by touchpoint (SurveyResponse.touchpoint, score)",
            "somebody who coaches",
        ),
        effort="medium",
        moves={
            "customer_satisfaction_score": "up",
            "net_promoter_score": "up",
            "resolution_days": "down",
            "sentiment_score": "up",
            "refund_rate": "down",
        },
        evidence=("E17 service", "C15"),
        risks=(
            "Trained people leave; what only they knew goes with them, unless it is written down.",
            "A target on satisfaction tempts agents to ask only happy customers.",
            "It shows slowly: give it two quarters.",
        ),
        overlaps=("responsive-support", "customer-at-the-centre", "exceed-expectations"),
        sources=("SC5",),
    ),
    Strategy(
        id="self-service",
        title="Answers that customers find by themselves",
        what=(
            "Put the answers to the common questions where people look for them, so that they are helped at "
            "midnight without waiting for anybody. It saves the customer's time first and yours second, and "
            "each page helps the next hundred who wonder the same. It fails as soon as it stands in the way "
            "of people who need a person."
        ),
        steps=(
            Step(
                "Sort the questions of the last three months by what they were about; the ten commonest are "
                "your first ten pages.",
            ),
            Step(
                "Publish support content on the site for each: one question, one short answer on top, the "
                "details below, in the words in which people ask.",
                ("SC7",),
            ),
            Step(
                "Add tutorials, with pictures or films of a minute or two, where something is to be done "
                "with the hands, and cases that show how other customers solved it.",
                ("SC7",),
            ),
            Step(
                "Let customers do the usual things alone: see where the parcel is, change an address, "
                "return, pause or change a subscription, download an invoice.",
            ),
            Step(
                "Put the fitting page beside the problem: at the size table, in the e-mail with the tracking "
                "number, above the form by which they would write to you.",
            ),
            Step("Keep the way to a person on each page, in one tap."),
            Step(
                "Ask at the end of each page whether it helped, and rewrite the three worst each month; this "
                "is how the content goes on lowering service time and helping others.",
                ("SC7",),
            ),
            Step(
                "Watch the share solved without an agent together with satisfaction: only both rising is a "
                "success.",
            ),
        ),
        audiences=("customers with a question", "people who are about to buy and unsure"),
        is_audience_ours=True,
        channels=("web", "app", "e-mail", "blog"),
        needs=(
            "interactions with who solved them (Interaction.solved_at, solved_by)",
            "somebody who writes clearly and keeps the pages up to date",
        ),
        effort="medium",
        moves={
            "self_service_rate": "up",
            "first_response_days": "down",
            "resolution_days": "down",
            "answered_rate": "up",
            "customer_satisfaction_score": "up",
        },
        evidence=("C12",),
        risks=(
            "A maze in place of a telephone number drives people away while the figures look better.",
            "Pages that are out of date cost more trust than they save time.",
            "The easy questions go first, so that the average case of your agents gets harder and longer.",
        ),
        overlaps=("responsive-support", "proactive-service", "valuable-content", "onboarding"),
        sources=("SC7",),
    ),
    Strategy(
        id="proactive-service",
        title="Help before they ask",
        what=(
            "Notice trouble before the customer complains, and speak first: about the late parcel, the "
            "faulty batch, the step that everyone gets wrong. People forgive much when they did not have to "
            "find out by themselves, and many of those whom nobody warns say nothing and buy elsewhere. It "
            "helps little where you cannot see trouble coming, or have no remedy to offer."
        ),
        steps=(
            Step(
                "List what goes wrong and can be seen from inside (a parcel without a scan for two days, a "
                "payment that failed twice, a product that comes back often), and give each an owner and a "
                "message that goes out the same day.",
            ),
            Step(
                "Admit errors first: write before the customer does, with what happened, what you do about "
                "it, by when, and what they get for the trouble; no excuses.",
                ("SE4",),
            ),
            Step(
                "Ask for feedback first, at the moments at which trouble shows (a week after delivery, after "
                "a return, after a solved case), with one question and a person behind the answer.",
                ("SE4",),
            ),
            Step(
                "Publish content for the commonest questions, and send it ahead: with the order, before the "
                "first use, before the season in which everybody asks.",
                ("SE4",),
            ),
            Step(
                "Watch what is said of you, in reviews, comments and posts, every day; answer the unhappy "
                "within a day, and count the themes each month.",
                ("SE4",),
            ),
            Step(
                "Write to customers who have gone quiet after a problem, as a person, before you send them "
                "the next offer.",
            ),
            Step(
                "Watch how many of your customers have to ask for help at all, and the sentiment of what "
                "comes in.",
            ),
        ),
        audiences=("customers whose order is in trouble", "customers who are likely to have a question"),
        is_audience_ours=True,
        channels=("e-mail", "SMS", "WhatsApp", "push", "telephone", "social media"),
        needs=(
            "news of parcels and payments by the hour",
            "interactions and reviews with their sentiment (Interaction.kind, sentiment)",
            "leave to admit a fault",
        ),
        effort="medium",
        moves={
            "sentiment_score": "up",
            "customer_satisfaction_score": "up",
            "new_customer_contact_rate": "down",
            "refund_rate": "down",
            "customer_retention_rate": "up",
        },
        evidence=("E20", "C15"),
        risks=(
            "Warning of what nobody would have noticed makes worries where there were none.",
            "An apology without a remedy annoys twice.",
            (
                "Watching what is said means reading what people wrote for others: keep to what is public, "
                "and do not collect more than you need."
            ),
        ),
        overlaps=(
            "self-service",
            "responsive-support",
            "feedback-loop",
            "rescue-unhappy-customers",
            "after-sales-follow-up",
        ),
        sources=("SE4",),
    ),
    Strategy(
        id="customer-at-the-centre",
        title="Plan from the customer's side",
        what=(
            "Decide from where the customer stands, and not from what is easy or cheap for the shop. Return "
            "forms, opening hours, minimum orders: most annoyances began as somebody's convenience. It keeps "
            "customers because small hurdles add up to leaving; it needs the patience of whoever signs the "
            "budget, since its costs come first."
        ),
        steps=(
            Step(
                "Walk the whole way as a customer, once a quarter and with the people who decide: search, "
                "buy, wait, use, ask, return; write down each moment that serves you rather than the "
                "customer.",
                ("SC3",),
            ),
            Step(
                "Plan each change from the customer's side: open every proposal with one sentence that says "
                "what a customer can do afterwards that was not possible before, and drop those that have "
                "none.",
                ("SC3",),
            ),
            Step(
                "Pick the three rules that exist because they are easy or cheap for you (fees, forms, "
                "deadlines), and lift one of them for a quarter, on trial.",
                ("SC3",),
            ),
            Step(
                "Give one person the last word for customers in each decision on prices, deadlines and "
                "terms.",
            ),
            Step(
                "Put a customer figure beside the sales figure in each monthly report: customers kept, "
                "satisfaction, questions per order.",
            ),
            Step(
                "Ask those who made an effort how hard it was (customer effort by touchpoint), and begin the "
                "next round where it was hardest.",
            ),
        ),
        audiences=("all customers",),
        is_audience_ours=True,
        channels=("web", "app", "physical store", "telephone", "e-mail"),
        needs=(
            "backing from the top",
            'survey answers by touchpoint (SurveyResponse.kind "ces" or "csat", touchpoint)',
        ),
        effort="high",
        moves={
            "customer_satisfaction_score": "up",
            "customer_retention_rate": "up",
            "customer_churn_rate": "down",
            "net_promoter_score": "up",
            "customer_lifetime_value": "up",
        },
        evidence=("C11",),
        risks=(
            "It stays a poster on the wall unless a rule is lifted.",
            "The loudest customers are not all customers.",
            (
                "Companies that can afford generosity are often profitable already: the published gain in "
                "profit may run the other way round."
            ),
        ),
        overlaps=("trained-team", "know-the-audience", "exceed-expectations", "frictionless-experience"),
        sources=("SC3",),
    ),
    Strategy(
        id="sell-what-is-there",
        title="Sell what is there",
        what=(
            "An order that the shop cancels because the article is gone is a promise broken to somebody who did "
            "everything right, and many of them order elsewhere and stay there. Let the shop offer only what it "
            "can send, and be quick with those whom it has let down. It is housekeeping rather than marketing, "
            "and no campaign makes up for it."
        ),
        steps=(
            Step(
                "List the articles for whose want orders were cancelled in the last quarter, with how often; a "
                "few usually make up most of it. Take those that are not there off sale today.",
            ),
            Step(
                "Write to everybody whose order you cancelled, within the hour and by name: that it is your "
                "fault, what you offer in its place, and by when it is back. Offer that choice first, and the "
                "refund beside it.",
                ("SC11",),
            ),
            Step(
                "Keep back a safety stock of these articles: show one or two pieces fewer than there are, and "
                "more of what sells on several channels at once.",
            ),
            Step(
                "Tell those customers when the article is back, with a link that puts it into the basket, and "
                "hold a piece for each of them for two days.",
            ),
            Step(
                "Bring the count of the warehouse to the site and to every marketplace each few minutes rather "
                "than each night, and lock what is in a basket that is being paid.",
            ),
            Step(
                "Show on the page of each article whether it is there and when it will arrive, and promise no "
                "more than the last quarter shows that you keep.",
                ("SC11",),
            ),
            Step(
                "Count the best sellers every week, and ask of each cancellation why the number was wrong: a "
                "return not booked, a supplier who was late, two channels that sold the last one.",
            ),
            Step(
                "Watch the share of orders cancelled for want of stock month by month, and whether those whom it "
                "has hit order again.",
            ),
        ),
        stages=("early", "middle", "late"),
        audiences=("everybody who orders", "customers whose order was cancelled for want of stock"),
        is_audience_ours=True,
        channels=("web", "app", "e-mail", "SMS", "physical store"),
        needs=(
            "orders with the reason why they were cancelled (Order.cancel_reason)",
            "articles of the orders (Order.items)",
            "a stock that the shop can read",
        ),
        effort="medium",
        moves={
            "cancellation_rate": "down",
            "customer_retention_rate": "up",
            "second_purchase_rate": "up",
            "customer_satisfaction_score": "up",
        },
        risks=(
            "A safety stock costs sales of last pieces: keep it for what was cancelled before.",
            "A substitute that nobody asked for is a second annoyance: offer it, and send nothing unasked.",
            "Pages that vanish lose their place in search engines: leave them, and say when the article is back.",
        ),
        overlaps=("honesty", "proactive-service", "omnichannel"),
        sources=("SC11",),
    ),
)
"""From the single answer to the way in which the whole business looks at its customers."""

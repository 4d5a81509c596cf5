"""Strategies for listening to customers, acting on what they say, and being as good as one's word."""

from __future__ import annotations

from retention.strategies._model import Step, Strategy

__all__ = ["LISTENING"]

LISTENING: tuple[Strategy, ...] = (
    Strategy(
        id="feedback-loop",
        title="Ask, act, and say what you did",
        what=(
            "Ask customers at the moments that matter, let the answers reach those who can change something, "
            "and tell the customers what came of it. People stay with shops that listen, and their answers "
            "show what will drive others away next month. Without the acting it does harm: asking and then "
            "doing nothing is worse than not asking."
        ),
        steps=(
            Step(
                "Prepare the campaign before the first question goes out: what you want to decide with it, "
                "whom you ask, by which channel, how many answers you need, who reads them and by when "
                "somebody replies.",
                ("SA6",),
            ),
            Step(
                "Ask after actions (a purchase, a return, a solved case) with one CSAT or NPS survey "
                "question, by automatic message, live chat or WhatsApp, within two days, and leave one line "
                "for words.",
                ("SA6", "SB4"),
            ),
            Step(
                "Ask now and then about the larger things, too: the loyalty programme, the brand and the "
                "site; each once a year, to a part of your customers by lot.",
                ("SA6",),
            ),
            Step(
                "Add what people show without being asked: behaviour on the site, reviews, social media, "
                "talks at events, and the shopping experiences that they share.",
                ("SA6", "SB4"),
            ),
            Step(
                "Put one question at the end of each call, and let the calls feed the agents' training: play "
                "the best and the worst in the weekly hour.",
                ("SB4",),
            ),
            Step(
                "Send product feedback to development in the form of counts and five quotations a month, and "
                "ask back which of them will be built.",
                ("SB4",),
            ),
            Step(
                "Contact everybody with a low score, in person and soon, and solve it; the rescue of unhappy "
                "customers has the details.",
                ("SA6",),
            ),
            Step(
                "Close the loop: once a quarter write to all who answered what you changed because of them.",
            ),
            Step(
                "Watch the score with its interval and the number of customers who were heard, and never the "
                "score alone.",
            ),
        ),
        audiences=("customers who have just bought, returned or asked", "members of the loyalty programme"),
        channels=("e-mail", "WhatsApp", "SMS", "live chat", "telephone", "web", "social media", "event"),
        needs=(
            "survey answers (SurveyResponse.kind, score, touchpoint, customer_id)",
            "a person who replies, and one who decides",
        ),
        effort="medium",
        moves={
            "customer_satisfaction_score": "up",
            "net_promoter_score": "up",
            "customer_retention_rate": "up",
            "sentiment_score": "up",
        },
        evidence=("E20",),
        risks=(
            "Survey fatigue: no customer should be asked more than once in 60 days.",
            (
                "Those who answer are not all customers; the indifferent are silent, and they are the ones "
                "who leave."
            ),
            "A bonus that hangs on the score bends the score.",
            "Answers belong to persons: say what they are used for, and delete them in time.",
        ),
        overlaps=(
            "monitor-satisfaction",
            "know-the-audience",
            "rescue-unhappy-customers",
            "proactive-service",
        ),
        sources=("SA6", "SB4"),
    ),
    Strategy(
        id="rescue-unhappy-customers",
        title="Rescue unhappy customers",
        what=(
            "Somebody gave a low score, and with it a last chance. Contact them while it is fresh, admit "
            "what went wrong, and solve it so that they would tell a friend. A fault that is put right well "
            "can bind more firmly than none; those who hear nothing leave, and tell others why. It works for "
            "the fault of a day, not for a shop that repeats it every week."
        ),
        steps=(
            Step(
                "Set the trigger: every NPS answer from 0 to 6 and every CSAT answer below the positive ones "
                "becomes a case of somebody by name, on the same day.",
            ),
            Step(
                "Contact the low scorers within one working day, by telephone where you may, and listen "
                "first; the aim of the call is to understand and to solve it, not to explain.",
                ("SA6",),
            ),
            Step(
                "Admit the error first, before the customer has to prove it, and say what you will do until "
                "when.",
                ("SE4",),
            ),
            Step(
                "Give the person who calls the means to solve it at once: replacement, refund, a visit, an "
                "exception from a rule, up to a set sum.",
            ),
            Step("Look a week later whether it holds, and ask a single question then. No offer before that."),
            Step(
                "Pause advertising, and above all requests for reviews and recommendations, for everyone "
                "with an open case.",
            ),
            Step(
                "Sort the causes each month, take the commonest to its owner, and report when it was last "
                "seen.",
            ),
            Step(
                "Watch how many of the unhappy bought again within 90 days, those who were reached against "
                "those who could not be.",
            ),
        ),
        audiences=("customers who gave a low score", "customers with an unsolved complaint"),
        channels=("telephone", "e-mail", "WhatsApp", "live chat", "direct message"),
        needs=(
            "survey answers with their customers (SurveyResponse.score, customer_id, responded_at)",
            "people with the power to put things right",
        ),
        effort="low",
        moves={
            "customer_satisfaction_score": "up",
            "net_promoter_score": "up",
            "customer_churn_rate": "down",
            "sentiment_score": "up",
            "refund_rate": "down",
        },
        evidence=("C15", "E20"),
        risks=(
            "Generosity to those who complain, and none to those who suffer in silence, is noticed.",
            (
                "A customer who is called about an honest answer may feel watched: say at the question that "
                "you may get in touch."
            ),
            (
                "Those who can be reached differ from those who cannot, so that the comparison flatters the "
                "calls."
            ),
            "It treats the case and not the cause.",
        ),
        overlaps=("feedback-loop", "proactive-service", "responsive-support"),
        contradicts=("referral-programme",),
        sources=("SA6", "SE4"),
    ),
    Strategy(
        id="monitor-satisfaction",
        title="Keep an eye on satisfaction",
        what=(
            "Measure how customers feel all the time, in several ways at once, and look at the course rather "
            "than at the day. Satisfaction often falls before the customers go, so that a watchful shop "
            "gains weeks in which something can still be done. Watching keeps nobody by itself; decide "
            "beforehand what you will do when a line falls."
        ),
        steps=(
            Step(
                "Choose a small set and keep it: NPS once a year per customer, satisfaction after each "
                "purchase and each solved case, and the repurchase rate from your own orders.",
                ("SC14",),
            ),
            Step(
                "Put them on one page each month, each with its interval and the same month of the year "
                "before, and write beside it what is a real change and what is noise.",
                ("SC14",),
            ),
            Step("Add social monitoring: how often you are mentioned, where, and in what tone.", ("SC14",)),
            Step(
                "Run a few other surveys that ask why customers stay or leave, with answers to choose from "
                "and room for more.",
                ("SC14",),
            ),
            Step(
                "Listen openly: let e-mails, comments and messages that nobody asked for be read, tagged by "
                "theme and counted, all the time and not only when there is trouble.",
                ("SC14",),
            ),
            Step("Agree on alarms: which fall, over which time and how many answers, makes whom do what."),
            Step(
                "Look at new and old customers apart, and by channel: a good average can hide a bad "
                "beginning.",
            ),
        ),
        audiences=("all customers",),
        is_audience_ours=True,
        channels=("e-mail", "web", "app", "social media", "blog comment", "WhatsApp", "telephone"),
        needs=(
            "survey answers (SurveyResponse.kind, score, responded_at)",
            "orders with their customers",
            "mentions and messages with their sentiment, where there are any (Interaction.kind, sentiment)",
        ),
        effort="low",
        moves={
            "net_promoter_score": "up",
            "customer_satisfaction_score": "up",
            "repeat_purchase_rate": "up",
            "sentiment_score": "up",
        },
        evidence=("E20", "C15"),
        risks=(
            "Figures without an owner become wallpaper.",
            "Small numbers swing: a fall from 40 to 30 among 25 answers is no news.",
            "A change of wording, channel or moment breaks the line; note it where it happened.",
        ),
        overlaps=("feedback-loop", "know-the-audience", "track-and-optimise", "retention-audit"),
        sources=("SC14",),
    ),
    Strategy(
        id="know-the-audience",
        title="Know who buys from you",
        what=(
            "Ask customers who they are, what they need and what they wish to find with you, and let it "
            "decide what you sell and how you speak. A shop that guesses keeps the customers who happen to "
            "fit. One good survey a year is enough, but answers that change neither a shelf nor a sentence "
            "keep nobody."
        ),
        steps=(
            Step(
                "Write down what you believe about your customers, in ten sentences; the survey is there to "
                "prove some of them wrong.",
            ),
            Step(
                "Run a survey of six to ten questions (what for, how often, what else was considered, what "
                "is missing), among customers drawn by lot, new ones and old ones apart.",
                ("SC1",),
            ),
            Step(
                "Offer a benefit for answering, the same for everybody and given at once: a small voucher, a "
                "sample, a place in a draw.",
                ("SC1",),
            ),
            Step(
                "Use the answers for the product mix: add what several groups missed, and drop what nobody "
                "would miss, one shelf at a time.",
                ("SC1",),
            ),
            Step(
                "Use the answers for communication, too: speak about the purposes that they named, in their "
                "words, and on the channels on which they want to hear from you.",
                ("SC1",),
            ),
            Step(
                "Call ten of those who answered, for a quarter of an hour each; reasons come out in talk "
                "rather than in boxes.",
            ),
            Step(
                "Repeat it each year with the same core questions, and compare the shares with their "
                "intervals.",
            ),
        ),
        audiences=("all customers", "newcomers and long-standing customers, asked apart"),
        is_audience_ours=True,
        channels=("e-mail", "web", "telephone", "physical store", "social media"),
        needs=(
            "a way to draw customers by lot",
            "survey answers in words (SurveyResponse.answer)",
            "a small budget for thanks",
        ),
        effort="low",
        moves={
            "repeat_purchase_rate": "up",
            "cross_sell_rate": "up",
            "engagement_rate": "up",
            "customer_satisfaction_score": "up",
        },
        evidence=("E17 relevance", "E20"),
        risks=(
            (
                "A benefit draws people who come for the benefit; look how the answers differ from those "
                "without."
            ),
            "What people say that they would buy is not what they buy: test it on one shelf.",
            "Personal answers need a purpose, consent and an end date.",
        ),
        overlaps=("feedback-loop", "ideal-customer", "monitor-satisfaction"),
        sources=("SC1",),
    ),
    Strategy(
        id="honesty",
        title="Honesty and openness",
        what=(
            "Promise what you can keep, in adverts, in descriptions and in the small print, and own up when "
            "you could not. Many who are disappointed never complain: they send back the goods, and take "
            "themselves elsewhere. Plain words cost some sales of the first day and save those of the next "
            "year."
        ),
        steps=(
            Step(
                "Take the ten products that come back most and set the description beside the reasons of the "
                "returns; correct sizes, colours, pictures and claims, this week.",
                ("SC11",),
            ),
            Step(
                'Check the promises in adverts the same way: delivery times, savings, "only two left". '
                "Promise only what the last quarter shows that you keep.",
                ("SC11",),
            ),
            Step(
                "Rewrite the terms of exchange and return so that a customer understands them in a minute, "
                "with the costs and the days on top.",
                ("SC11",),
            ),
            Step(
                "When something fails, own up, explain in two sentences, and offer the best fix that you "
                "have as the first offer and not as the third.",
                ("SC11",),
            ),
            Step("Say also for whom a product is not right; it saves a return, and people believe the rest."),
            Step("Show all reviews, the bad ones included, with your answer."),
            Step("Watch refunds and reviews of the corrected products against the others for a season."),
        ),
        audiences=("everybody who reads what you promise", "customers for whom something went wrong"),
        is_audience_ours=True,
        channels=("web", "app", "e-mail", "social media", "physical store"),
        needs=(
            "refunds by product (Order.refunds, Order.items)",
            "reasons of returns",
            "the will to sell a little less today",
        ),
        effort="low",
        moves={
            "refund_rate": "down",
            "customer_satisfaction_score": "up",
            "second_purchase_rate": "up",
            "sentiment_score": "up",
            "cancellation_rate": "down",
        },
        evidence=("C15", "C14"),
        risks=(
            "Conversion may fall at first, since those whom the product would have disappointed stay away.",
            "Easy returns are used more: count what they bring as well as what they cost.",
            "Openness about a fault can have legal weight; agree on the words beforehand.",
        ),
        overlaps=("quality-goods", "proactive-service", "social-proof"),
        sources=("SC11",),
    ),
    Strategy(
        id="exceed-expectations",
        title="Do better than expected",
        what=(
            "Keep what everybody promises (fast, reliable, friendly), and then do a little more, at each "
            "point at which a customer meets you. A shop round the corner can know its customers and decide "
            "on the spot; large ones find that hard to copy. It only works on a sound base: a treat does not "
            "make up for a wrong parcel."
        ),
        steps=(
            Step(
                "Get the three keys right first, the quality of service, communication and rewards, with one "
                "measurable promise for each and its owner.",
                ("SE15",),
            ),
            Step(
                "Service: be fast, reliable and personal. Send by the hour that you named, be right the "
                "first time, know the name and the last purchase.",
                ("SE15",),
            ),
            Step(
                "Communication: reply promptly, within the hours you published, and bring the news yourself "
                "(delays, recalls, what is new in their size) before anybody asks.",
                ("SE15",),
            ),
            Step(
                "Rewards: thank for loyalty with offers and points that people understand and can use at "
                "once.",
                ("SE15",),
            ),
            Step(
                "Listen at each touchpoint, and build the feedback in: once a month one change in shop, site "
                "or parcel that a customer asked for, with a note that says so.",
                ("SE12",),
            ),
            Step(
                "Make service first-rate at every touchpoint, and not only at the counter: walk through "
                "telephone, parcel, return and invoice, and raise the weakest each quarter.",
                ("SE12",),
            ),
            Step(
                "Give everybody in the team a small sum a month to do something unexpected for a customer, "
                "and share the stories.",
            ),
            Step("Watch recommendation and satisfaction by touchpoint, above all at the weakest."),
        ),
        audiences=("customers of a local shop", "retail customers"),
        channels=("physical store", "telephone", "e-mail", "live chat", "web", "social media"),
        needs=(
            "survey answers by touchpoint (SurveyResponse.touchpoint)",
            "a team that may decide",
            "basics that work",
        ),
        effort="high",
        moves={
            "net_promoter_score": "up",
            "customer_satisfaction_score": "up",
            "customer_retention_rate": "up",
            "referral_rate": "up",
            "first_response_days": "down",
        },
        evidence=("E17 service", "E17 rewards", "C15"),
        risks=(
            "What surprises today is expected tomorrow; do not raise the bar faster than you can pay for.",
            "Extra touches above broken basics look like mockery.",
            "What depends on one devoted person ends with that person.",
        ),
        overlaps=(
            "surprise-and-delight",
            "responsive-support",
            "trained-team",
            "loyalty-programme",
            "customer-at-the-centre",
        ),
        sources=("SE12", "SE15"),
    ),
    Strategy(
        id="quality-goods",
        title="Goods of high quality",
        what=(
            "Sell products that customers can trust to do what they should for as long as they should. No "
            "programme brings back anyone whose kettle leaked, and good goods recommend themselves. Quality "
            "here is what the buyer expects for the price: a cheap thing that keeps its promise beats a fine "
            "one that does not."
        ),
        steps=(
            Step(
                "Rank your products by money refunded per money sold, with enough orders each, and look at "
                "the worst ten by hand: unpack, use, wash, drop.",
                ("SE14",),
            ),
            Step(
                "Sell only what you would trust yourself: repair the cause with the supplier, change the "
                "supplier, or drop the product, with a date for each of the ten.",
                ("SE14",),
            ),
            Step(
                "Agree with suppliers on what may arrive (samples, tolerances, a share of faults), and check "
                "incoming goods by lot.",
            ),
            Step("Ask three months after delivery, and not only three days, whether it still does its work."),
            Step(
                "Stand by it: a warranty in two sentences, spare parts, and a repair that is easier than a "
                "new purchase.",
            ),
            Step(
                "Show what stands behind the goods: material, origin, tests, and the reviews of people who "
                "have used them for a year.",
            ),
            Step(
                "Watch refunds and second purchases by product: a product whose buyers do not come back "
                "costs more than its returns.",
            ),
        ),
        audiences=("retail customers", "all customers"),
        channels=("physical store", "web", "app", "e-mail"),
        needs=("refunds and lines of orders (Order.refunds, Order.items)", "influence on what is bought in"),
        effort="high",
        moves={
            "refund_rate": "down",
            "second_purchase_rate": "up",
            "customer_satisfaction_score": "up",
            "sentiment_score": "up",
            "net_promoter_score": "up",
        },
        evidence=("C14", "C15"),
        risks=(
            "Better goods cost more, and the price may lose the customers whom you have.",
            (
                "Returns have other causes, too: sizes, pictures, gifts, habits. Read the reasons before you "
                "blame the goods."
            ),
            "It takes seasons to show in retention.",
        ),
        overlaps=("honesty",),
        sources=("SE14",),
    ),
)
"""First listen and act, then keep what was promised, in word and in goods."""

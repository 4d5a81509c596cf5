"""Strategies for where and how customers meet the shop: channels, one record of each customer, relevance, ease."""

from __future__ import annotations

from retention.strategies._model import Step, Strategy

__all__ = ["REACH"]

REACH: tuple[Strategy, ...] = (
    Strategy(
        id="omnichannel",
        title="Join all channels into one conversation",
        what=(
            "A customer who writes on WhatsApp, orders on the site and telephones about the parcel is one person, and "
            "expects to be known as one. Where the channels share one history nobody has to tell the story twice, and "
            "whoever may choose the channel that suits them answers more often. It is not about being everywhere: "
            "two channels that are joined do more than six that are not."
        ),
        steps=(
            Step(
                "List every channel where you sell, write or answer today; close those that nobody looks after, and "
                "join the rest, so that sales, communication and support work on one record of each customer.",
                ("SA3", "SC10"),
            ),
            Step(
                "Keep the history of all messages with the customer and not with the channel, and put it before "
                "whoever answers: nobody is asked again for what they have already said, and nobody gets the same "
                "message by e-mail, SMS and push on one day. Remove such repetition first.",
                ("SA3",),
            ),
            Step(
                "Ask each customer once which channel they prefer, keep the answer, and use the others only for what "
                "cannot wait, such as a failed delivery.",
            ),
            Step(
                "Write one page on the voice of the brand: how you greet, what you promise, which words you avoid. "
                "Everybody who writes to customers works with it, the agency and the chat robot too.",
                ("SA3",),
            ),
            Step(
                "Walk through the five commonest contacts (a question before buying, an order, a delay, a return, a "
                "complaint) on each channel, and repair whatever is worse there than elsewhere: each contact must give "
                "the same experience or a better one, without friction where a customer changes over.",
                ("SC10",),
            ),
            Step(
                "Personalise by segment: new customers, regulars and those at risk hear different things, on the "
                "channel on which their segment answers best.",
                ("SA3",),
            ),
            Step(
                "Each month, optimise by data: compare the share of contacts that drew a response on one channel, on "
                "two and on more, and move effort to where customers answer.",
                ("SA3",),
            ),
        ),
        audiences=("all customers", "customers who have been reached on one channel only"),
        channels=(
            "e-mail",
            "SMS",
            "WhatsApp",
            "Messenger",
            "push",
            "telephone",
            "live chat",
            "social media",
            "web",
            "app",
            "physical store",
        ),
        needs=(
            "contacts with their channel and what came of them (Interaction.channel, opened_at, clicked_at, replied_at)",
            "the channel of each order (Order.channel)",
            "one id for a customer on all channels",
            "consent for each channel on which you write",
        ),
        effort="high",
        moves={
            "engagement_rate": "up",
            "multichannel_rate": "up",
            "conversion_rate": "up",
            "first_response_days": "down",
            "repeat_purchase_rate": "up",
        },
        evidence=("A11", "A11 several", "C13"),
        risks=(
            "Customers on several channels are the keener ones anyway; joining channels did not make them so.",
            "More channels invite more messages, and tired customers unsubscribe from all of them at once.",
            "Every channel that is open and slow to answer does more harm than one that is closed.",
            "Histories that are joined need consent, and a plan for deleting them.",
        ),
        overlaps=("seamless-online-to-offline", "one-customer-profile", "responsive-support"),
        sources=("SA3", "SC10"),
    ),
    Strategy(
        id="seamless-online-to-offline",
        title="Make site and store one shop",
        what=(
            "People look online and buy in the store, or the other way round, and do not care which of your tills "
            "earns it. Let them order here, collect there and return wherever they like, and the nearest shop is "
            "always yours. It is for those with a store, or at least a place where parcels can be collected; whoever "
            "sells online alone takes from it the part on delivery."
        ),
        steps=(
            Step(
                "Offer to buy online and pick up in store (BOPIS), ready on the same day where stock allows, and make "
                "returns in the store as easy: no form, money back at once.",
                ("SE7",),
            ),
            Step(
                "Let the customer choose at checkout: online order with delivery, collection in the store, or kerbside "
                "pick-up; show the day for each, and keep it.",
                ("SE13",),
            ),
            Step(
                "Show on each product page which store has it now; correct the stock every hour, or say that it is "
                "an estimate.",
            ),
            Step(
                "Where the shelf is empty, sell anyway: buy in store, and ship from the warehouse or from another "
                "store to the customer's door.",
                ("SE7",),
            ),
            Step(
                "Open a live chat for pick-up, on which customers say that they have arrived or will be late.",
                ("SE7",),
            ),
            Step(
                "Sell where people talk: try social selling, with products that can be ordered from a post, and "
                "answer questions right there in comments or messages.",
                ("SE7",),
            ),
            Step(
                "Let one service answer for e-mail, telephone, chat, social media, site and store, so that the "
                "till knows of the online order and the agent of the purchase in the store.",
                ("SE7",),
            ),
            Step(
                "Tag orders with their channel, and watch how many customers buy on two or more, and whether they "
                "come back sooner than before.",
            ),
        ),
        audiences=("local customers", "customers of a shop with stores"),
        channels=(
            "physical store",
            "POS",
            "web",
            "app",
            "social media",
            "post comment",
            "direct message",
            "live chat",
        ),
        needs=(
            "the channel of each order (Order.channel), orders of the store included",
            "stock of the stores, current enough to promise from it",
            "staff in the store who hand out and take back online orders",
        ),
        effort="high",
        moves={
            "multichannel_rate": "up",
            "cart_abandonment_rate": "down",
            "repeat_purchase_rate": "up",
            "customer_retention_rate": "up",
        },
        evidence=("E19", "E21", "C13"),
        risks=(
            "A pick-up that is not ready is worse than none: begin with the goods that you can promise.",
            "Easy returns bring more of them; watch refund_rate by channel.",
            "Customers who buy on both sides bought more before, too; that is no proof of what the change brought.",
        ),
        overlaps=("omnichannel", "store-experience", "creative-technology"),
        sources=("SE7", "SE13"),
    ),
    Strategy(
        id="personalisation",
        title="Say what is relevant to each customer",
        what=(
            "A message about what somebody owns, looked at or asked for is a service; the same message to everybody is "
            "noise. Relevance keeps people reading, and it shows them the shelves that they have never visited. It "
            "needs some history: of somebody with one purchase you know little, and guessing shows."
        ),
        steps=(
            Step(
                "Segment first: by what customers bought (LineItem.category), how often, and where in their life with "
                "the shop they are. Four segments that get different messages are a good beginning.",
                ("SA4",),
            ),
            Step(
                "Send tailored recommendations to each: what completes their last purchase, what customers like them "
                "bought next, and nothing that they own already.",
                ("SA4",),
            ),
            Step(
                "Go beyond the first name in the greeting: draw recommendations from the purchase history, and say "
                "why (because you bought the tent), on each channel in its own form.",
                ("SB3",),
            ),
            Step(
                "Join the purchase history, that of the store (POS) included, with the loyalty programme, so that "
                "all messages draw on the same facts.",
                ("SE6",),
            ),
            Step(
                "Ask instead of guessing: have staff ask for preferences one to one in the store or in chat, and "
                "online with short polls and quizzes whose result is useful at once, such as a size or a skin type.",
                ("SE6", "SD5"),
            ),
            Step(
                "Write when a product that they viewed changes: updates, such as back in stock or a new colour, "
                "and now and then a discount on it; once for each product, and not within a day of the visit.",
                ("SD5",),
            ),
            Step(
                "Offer try-and-buy for goods that must be felt, and consultations by video or in the store for "
                "those that must be explained.",
                ("SB3",),
            ),
            Step(
                "Add gestures that cannot be automated: a name on the fitting-room door, a note in the parcel.",
                ("SE6",),
            ),
            Step(
                "Then automate to scale, one trigger at a time, until the whole journey is one-to-one; where needs "
                "must be met in real time, AI may choose the offer or answer the question, with a person to turn to.",
                ("SA4",),
            ),
            Step(
                "Keep one customer in ten, drawn by lot, on the general message, and compare: only so do you know "
                "what relevance brings.",
            ),
        ),
        stages=("early", "middle", "late"),
        audiences=(
            "all customers, most of all those in the middle and late stages",
            "customers who buy in one category",
        ),
        channels=("e-mail", "SMS", "push", "web push", "web", "app", "live chat", "POS", "physical store"),
        needs=(
            "orders with their items and categories (Order.items, LineItem.category)",
            "contacts and what came of them (Interaction.opened_at, clicked_at)",
            "a tool that sends by segment and by trigger",
            "consent to use what customers did for messages",
        ),
        effort="medium",
        moves={
            "engagement_rate": "up",
            "cross_sell_rate": "up",
            "conversion_rate": "up",
            "upsell_rate": "up",
            "repeat_purchase_rate": "up",
        },
        evidence=("E17 relevance", "E26"),
        risks=(
            "Who clicks a recommendation was often about to buy: measure against a group that gets none.",
            "Messages that know too much frighten; use what customers gave you, and say how you know.",
            "Recommending only more of the same narrows what people see of the shop.",
            "Discounts on viewed products teach customers to look and wait.",
        ),
        overlaps=(
            "one-customer-profile",
            "use-the-list-you-have",
            "personal-occasions",
            "frictionless-experience",
        ),
        sources=("SA4", "SB3", "SD5", "SE6"),
    ),
    Strategy(
        id="frictionless-experience",
        title="Take the trouble out of buying",
        what=(
            "Every field to fill in, every page to wait for and every search without a result costs some customers, "
            "and nobody complains: they are just gone. Taking trouble out of buying helps every other strategy, since "
            "all of them send people to the same checkout. It does little where goods or price are the reason to leave."
        ),
        steps=(
            Step(
                "Buy in your own shop with a telephone, as a new and as a known customer, and write down every place "
                "where you hesitated. Repair the three worst first.",
            ),
            Step(
                "Shorten the forms to what the parcel and the law need: shorter forms, one field for the name, no "
                "account before the purchase.",
                ("SC9",),
            ),
            Step(
                "Remember data that known customers gave before: address, size, way of payment, the cart begun on "
                "another device.",
                ("SC9",),
            ),
            Step(
                "Make the search smart: it forgives spelling, understands voice and image where your goods call for "
                "it, and takes place and behaviour into account, such as the nearest store and what was viewed. Read "
                "the searches without a result each week.",
                ("SC9",),
            ),
            Step(
                "Put recommendation windows where they help: what goes with it on the product page, what is missing "
                "in the cart, the last things viewed on the front page.",
                ("SC9",),
            ),
            Step(
                "Use the customer's name in messages, and thank them on the anniversary of the first purchase with a "
                "coupon: small signs that the shop remembers.",
                ("SC9",),
            ),
            Step(
                'Ask how easy it was (a survey of kind "ces") right after checkout and after a return, and watch the '
                "share of checkouts that are abandoned, by device.",
            ),
        ),
        audiences=("all customers", "customers who left a cart"),
        is_audience_ours=True,
        channels=("web", "app", "e-mail"),
        needs=(
            "checkouts, the abandoned ones too (Checkout.begun_at, ordered_at)",
            "somebody who can change forms and search on the site",
        ),
        effort="medium",
        moves={"cart_abandonment_rate": "down", "conversion_rate": "up", "repeat_purchase_rate": "up"},
        risks=(
            "Data that is remembered must be safe, and must be deleted when asked.",
            "What is measured at checkout misses those who gave up in the search.",
            "A change of the site touches everybody at once: test it on half of the visitors.",
        ),
        overlaps=("good-first-checkout", "personalisation"),
        sources=("SC9",),
    ),
    Strategy(
        id="whole-life-cycle",
        title="Have something to say at every stage",
        what=(
            "Most shops talk to newcomers and to those who are nearly gone, and are silent in between. A plan for the "
            "whole life cycle gives each stage its own interaction: newcomers are taught, regulars are surprised, the "
            "slipping are asked. It raises what a customer is worth over the years (LTV), the return on marketing "
            "(ROI) and the share who buy when approached, since each message meets people where they are."
        ),
        steps=(
            Step(
                "Put every customer into their stage with lifecycle_table, and count how many there are in each and "
                "what you say to them today. The empty cells are the work.",
            ),
            Step(
                "Plan one interaction at each stage: a welcome and tips for the early, something new or a question for "
                "the middle, thanks and first access for the loyal, an honest question for those who fall silent.",
                ("SC8",),
            ),
            Step(
                "Let each be triggered by the customer's own rhythm rather than by the calendar: by the purchase, by "
                "the delivery, by a silence of twice their usual gap.",
            ),
            Step(
                "Give each stage one aim and one figure: second purchases for the early, purchase frequency for the "
                "middle, silence for the late. LTV, the ROI of marketing and conversion follow from these; look at "
                "them by the quarter.",
                ("SC8",),
            ),
            Step(
                "Stop the general newsletter for whoever is in a series, so that nobody hears two voices in a week.",
            ),
            Step(
                "After three months look at the transitions from stage to stage, and work on the one that loses most.",
            ),
        ),
        audiences=("all customers, each at their stage",),
        channels=("e-mail", "SMS", "WhatsApp", "push", "app", "physical store"),
        needs=(
            "orders of at least two years with their customers (Order.customer_id, placed_at)",
            "a tool that sends by stage or trigger",
        ),
        effort="medium",
        moves={
            "customer_retention_rate": "up",
            "repeat_purchase_rate": "up",
            "customer_lifetime_value": "up",
            "conversion_rate": "up",
            "engagement_rate": "up",
        },
        evidence=("E15 existing", "E15 new", "E26"),
        risks=(
            "Twelve series at once cannot be told apart: begin with the stage that loses most.",
            "Stages are a reading of silence; some who look lost only buy seldom.",
            "Too many messages make people unsubscribe, and then no stage reaches them.",
        ),
        overlaps=("welcome-series", "after-sales-follow-up", "win-back-lapsed", "attend-loyal-customers"),
        sources=("SC8",),
    ),
    Strategy(
        id="one-customer-profile",
        title="Keep one profile of each customer",
        what=(
            "Orders in the shop system, returns at the till, complaints in a mailbox: as long as these are three "
            "people, nobody can be served well or counted rightly. One profile holds all of it, and everything that "
            "speaks to customers reads from it. It keeps nobody by itself; it makes most other strategies possible."
        ),
        steps=(
            Step(
                "Choose what makes two records one person (e-mail, telephone, card of the loyalty programme), merge "
                "those that agree, and keep the rule in writing.",
            ),
            Step(
                "Bring orders online and in store, preferences and contacts together in one profile, that till, "
                "support and mailing all read.",
                ("SE19",),
            ),
            Step(
                "Add tags that somebody acts on, such as wholesale, gluten-free or gift buyer, and delete those that "
                "nobody has used for a year.",
                ("SE19",),
            ),
            Step(
                "Make segmented mailing lists from profile and tags, and renew them before each mailing.",
                ("SE19",),
            ),
            Step(
                "Let online data guide the shop: what ranks high and what reviews praise goes to the front of the "
                "store, and the other way round, what sells and is asked for in the store goes to the top of the site.",
                ("SE9",),
            ),
            Step(
                "At the till ask for the e-mail address with a reason that serves the customer: the receipt, the "
                "guarantee, the points.",
            ),
            Step(
                "Count each quarter which part of the orders has a customer and which part of the customers a second "
                "channel; both should grow.",
            ),
        ),
        audiences=("all customers", "local customers"),
        channels=("POS", "physical store", "web", "app", "e-mail"),
        needs=(
            "orders of all channels with their customers (Order.customer_id, Order.channel)",
            "fields or tags for preferences (Customer.tags, Customer.attributes)",
            "a system that can hold the profile, and somebody who looks after it",
            "consent, and a way to show and delete what is kept",
        ),
        effort="high",
        moves={"multichannel_rate": "up", "engagement_rate": "up", "repeat_purchase_rate": "up"},
        risks=(
            "Merging wrongly shows one customer the orders of another; merge only on what is certain.",
            "When guests become known, rates change without anybody acting otherwise: mark the day.",
            "What is collected must be protected, and most of it will never be used. Collect less.",
        ),
        overlaps=("omnichannel", "personalisation", "know-the-audience"),
        sources=("SE19", "SE9"),
    ),
    Strategy(
        id="social-presence",
        title="Be present, and answer, in social media",
        what=(
            "For many younger customers the profile in a social network is the shop window, the review and the service "
            "desk in one. Whoever is answered there, quickly and in public, trusts the shop, and so do those who read "
            "along. It pays where your customers are; a network where none of them is, is somebody else's."
        ),
        steps=(
            Step(
                "Ask a hundred customers which networks they use, and choose one or two. Say on the others where you "
                "can be found.",
            ),
            Step(
                "Name somebody who answers comments and messages quickly, within an hour while the shop is open, and "
                "who may solve what is asked without asking back.",
                ("SD3",),
            ),
            Step(
                "Share news, promotions and updates from the shop two or three times a week: what has arrived, who "
                "packs the parcels, what is nearly gone. Not more than one post in three sells.",
                ("SE16",),
            ),
            Step(
                "Watch reactions and shares for each post, by its kind rather than one by one.",
                ("SD3",),
            ),
            Step(
                "Adjust each month: two more of the kind that people shared, none of the kind that they passed over.",
                ("SD3",),
            ),
            Step(
                "Record public mentions with their tone, and look at volume, sentiment and the answered share beside "
                "the survey scores.",
            ),
            Step(
                "Pay for a post only after it has done well by itself, and count the orders that it brought rather "
                "than the clicks.",
            ),
        ),
        audiences=("Gen Z and millennials", "customers of retail shops who follow the brand"),
        channels=("social media", "direct message", "post comment"),
        needs=(
            'mentions and messages as contacts (Interaction with kind "mention" or "message", answered_at, sentiment)',
            "somebody with an hour a day",
        ),
        effort="medium",
        moves={
            "answered_rate": "up",
            "sentiment_score": "up",
            "first_response_days": "down",
            "engagement_rate": "up",
            "mention_count": "up",
        },
        evidence=("E22 Instagram", "E22 Facebook", "E22 TikTok", "E23", "E24"),
        risks=(
            "The network owns the audience and may hide you from it tomorrow; collect addresses of your own.",
            "Reactions are cheap, and say little of who buys again.",
            "A complaint that is answered late, or by a formula, does its harm in public.",
        ),
        overlaps=("community", "responsive-support"),
        sources=("SD3", "SE16"),
    ),
)

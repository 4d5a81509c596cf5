"""Strategies for what a shop says and stands for: content, story, look, community, proof, a cause."""

from __future__ import annotations

from retention.strategies._model import Step, Strategy

__all__ = ["CONTENT"]

CONTENT: tuple[Strategy, ...] = (
    Strategy(
        id="valuable-content",
        title="Give customers something worth reading",
        what=(
            "Between two purchases a shop has little to say about itself, and customers forget it. Content that helps "
            "them choose, use and enjoy is a reason to open the next message, and it answers questions before they "
            "reach support. It works slowly, and only where somebody knows the subject well."
        ),
        steps=(
            Step(
                "Collect what customers ask: the twenty commonest questions of support, of the search and of reviews. "
                "Each is a page.",
            ),
            Step(
                "Answer them in a help centre first, with manuals that can be downloaded, before anything is made "
                "for beauty.",
                ("SC12",),
            ),
            Step(
                "Write a blog for the interests of your ideal customer rather than for your range: how to, what goes "
                "with what, what to mind.",
                ("SB6", "SC12"),
            ),
            Step(
                "Send newsletters on a fixed day, in which content is mixed with promotion: two helpful things for "
                "each offer.",
                ("SB6",),
            ),
            Step(
                "Make lookbooks for each season, with everything in them a click from the cart.",
                ("SB6",),
            ),
            Step(
                "Let others speak: expert videos and interviews, ten minutes long, cut into short pieces for social "
                "media.",
                ("SB6", "SC12"),
            ),
            Step(
                "Turn what is read most into e-books and infographics, and offer these in return for an address.",
                ("SC12",),
            ),
            Step(
                "Place it where it is needed, before and after purchase: guides to choosing on category pages, tips "
                "on use in the e-mail that follows the parcel.",
                ("SC12",),
            ),
            Step(
                "Look after three months at which pages were read by people who then bought again, and go on with "
                "those kinds alone.",
            ),
        ),
        audiences=("all customers", "customers who have not bought yet"),
        is_audience_ours=True,
        channels=("blog", "e-mail", "social media", "web", "app"),
        needs=(
            "somebody who knows the subject and can write, half a day a week",
            "contacts with what came of them (Interaction.opened_at, clicked_at)",
        ),
        effort="medium",
        moves={
            "engagement_rate": "up",
            "self_service_rate": "up",
            "repeat_purchase_rate": "up",
            "conversion_rate": "up",
        },
        evidence=("E17 relevance", "E25"),
        risks=(
            "Readers of content are your keenest customers; that they buy more is not what the content did.",
            "Pages that nobody keeps up become wrong, and then cost trust.",
            "Content made to fill a calendar is noise, and people unsubscribe from it.",
        ),
        overlaps=("act-as-the-expert", "self-service"),
        sources=("SB6", "SC12"),
    ),
    Strategy(
        id="act-as-the-expert",
        title="Advise like an expert, from the sale on",
        what=(
            "Customers come with a problem, and a product is only one way to solve it. A shop that says which of two "
            "things fits, or that none does, is asked again, since such advice is rare. It suits goods that must be "
            "understood; for what everybody knows how to buy, it is no reason to come."
        ),
        steps=(
            Step(
                "For each main category write down what customers want to be rid of, or to reach: the pain behind the "
                "purchase. Solve that rather than push the product, from the sale on.",
                ("SC4",),
            ),
            Step(
                "Help people decide: three questions that lead to one of three products, and a plain page that says "
                "for whom each is wrong.",
                ("SC4",),
            ),
            Step(
                "Train whoever sells or answers to ask two questions before recommending anything, and let them "
                "advise against a purchase.",
            ),
            Step(
                "Spread what you know on blog, social media and e-mail, signed with the name of the person who knows "
                "it.",
                ("SC4",),
            ),
            Step(
                "Offer downloads for what people keep: checklists, size charts, plans for care.",
                ("SC4",),
            ),
            Step(
                "Write two weeks after delivery whether the problem is solved, and give the next piece of advice; "
                "offer goods only where they help.",
            ),
            Step(
                "Watch returns and satisfaction in the categories with advice against those without.",
            ),
        ),
        stages=("early", "middle"),
        audiences=("customers who are choosing", "new customers"),
        is_audience_ours=True,
        channels=("blog", "social media", "e-mail", "live chat", "telephone", "physical store", "web"),
        needs=(
            "people who know the goods better than customers do",
            "orders with their categories and refunds (LineItem.category, Order.refunds)",
        ),
        effort="medium",
        moves={
            "customer_satisfaction_score": "up",
            "refund_rate": "down",
            "conversion_rate": "up",
            "repeat_purchase_rate": "up",
        },
        evidence=("E17 service", "E25"),
        risks=(
            "Advice that always ends with the dearest product is seen through.",
            "Wrong advice is yours to pay for: keep to what you know.",
            "Some take the advice and buy elsewhere; look at those who come back rather than at those who don't.",
        ),
        overlaps=("valuable-content", "trained-team"),
        sources=("SC4",),
    ),
    Strategy(
        id="brand-story",
        title="Tell who you are and why",
        what=(
            "People stay with people. Who knows what the shop is for, who makes the goods and what went wrong on the "
            "way has a reason to come back that no price comparison shows. A story holds where it is true and where "
            "the goods are good; it cannot carry bad ones."
        ),
        steps=(
            Step(
                "Write down in one page what you do, why you do it, and who stands behind the scenes, in words that "
                "you would use to a friend.",
                ("SB7",),
            ),
            Step(
                "Add what makes it yours: the values that you decide by, the struggles so far, and the mission. "
                "Mention what failed; it is the part that is believed.",
                ("SB7",),
            ),
            Step(
                "Make this the about page, with faces, and link it from every page and from the order confirmation.",
                ("SB7",),
            ),
            Step(
                "Film short videos of the making and the makers, and put them on product pages, in social media and in "
                "the e-mail after the first purchase.",
                ("SB7",),
            ),
            Step(
                "Give everybody who talks to customers three true stories to tell.",
            ),
            Step(
                "Ask newcomers in a survey why they bought, and see how many name it after half a year.",
            ),
        ),
        stages=("early", "middle"),
        audiences=("new customers", "followers who have not bought yet"),
        is_audience_ours=True,
        channels=("web", "social media", "e-mail"),
        needs=(
            "a story that is true, and somebody who shows their face",
            "a survey with the answer (SurveyResponse.answer)",
        ),
        effort="low",
        moves={"net_promoter_score": "up", "referral_rate": "up", "repeat_purchase_rate": "up"},
        evidence=("E21",),
        risks=(
            "What the shop does must agree with it; a broken value does more harm than one never named.",
            "It works slowly and is hard to measure: do not stop anything that can be measured for it.",
        ),
        overlaps=("consistent-brand", "stand-for-a-cause"),
        sources=("SB7",),
    ),
    Strategy(
        id="consistent-brand",
        title="Look the same everywhere",
        what=(
            "Customers recognise a shop by its colours long before they read its name. Where site, parcel, post and "
            "till look alike, each contact reminds them of all the others, and a message is known for yours at a "
            "glance. It is groundwork: nobody stays for a typeface, but some pass over what they don't recognise."
        ),
        steps=(
            Step(
                "Lay on one table a screenshot of the site, the last newsletter, a post, a parcel and a photograph of "
                "the store. Mark what does not belong together.",
            ),
            Step(
                "Settle colours, images and type in a guide of two pages: which, where, and one example of each.",
                ("SD6",),
            ),
            Step(
                "Bring the packaging in line, since it is the one thing that every customer holds in their hands.",
                ("SD6",),
            ),
            Step(
                "Make templates for e-mails, posts and printed cards, so that everything is consistent without "
                "anybody thinking of it.",
                ("SD6",),
            ),
            Step(
                "Change the old pieces in the order in which customers meet them: order confirmation, parcel, "
                "newsletter, site.",
            ),
            Step(
                "Look at the table again every half-year.",
            ),
        ),
        audiences=("all customers",),
        is_audience_ours=True,
        channels=("web", "e-mail", "social media", "physical store", "app"),
        needs=("somebody who decides on the look, and may say no",),
        effort="low",
        moves={"engagement_rate": "up", "net_promoter_score": "up"},
        evidence=("E28",),
        risks=(
            "A new look costs the recognition of the old one; change it seldom and all at once.",
            "It is pleasant work that can take the place of work on service.",
            "Its effect on retention can hardly be measured.",
        ),
        overlaps=("brand-story",),
        sources=("SD6",),
    ),
    Strategy(
        id="community",
        title="Give customers a place among each other",
        what=(
            "Where customers know other customers, leaving the shop means leaving the company. A group, an event or a "
            "hashtag lets them show what they made, ask what they don't know and belong to something. It grows only "
            "around a subject that people talk about anyway, and it needs a host, every day."
        ),
        steps=(
            Step(
                "Find thirty customers who already talk about your subject, ask what they miss, and begin with them.",
            ),
            Step(
                "Open an exclusive group where they are already, on Facebook, WhatsApp or Telegram: private groups "
                "where customers share stories and ask each other questions.",
                ("SB5", "SE3"),
            ),
            Step(
                "Give it a host who greets each newcomer, asks one question a week, and removes whoever sells.",
            ),
            Step(
                "Choose a branded hashtag, print it on the card in the parcel, and show customers' posts on the site "
                "and in the newsletter, with their leave.",
                ("SB5",),
            ),
            Step(
                "Keep exclusive benefits for members: first access, a say in the next colour, a price now and then.",
                ("SB5",),
            ),
            Step(
                "Hold events, on site and online: a workshop in the store, an evening with the maker on video. Four a "
                "year that take place are better than twelve announced.",
                ("SB5", "SE3"),
            ),
            Step(
                "Take what is said there to whoever buys and makes the goods, and report back what became of it.",
            ),
            Step(
                "Compare those who joined with customers alike in spend and age who did not, from the day of joining "
                "on.",
            ),
        ),
        stages=("middle", "late"),
        audiences=("regulars", "customers with the subject as a hobby", "promoters"),
        is_audience_ours=True,
        channels=("social media", "WhatsApp", "Telegram", "event", "physical store", "web"),
        needs=(
            "a subject that people talk about",
            "a host with an hour a day",
            "a mark on those who joined (Customer.tags)",
        ),
        effort="high",
        moves={
            "purchase_frequency": "up",
            "net_promoter_score": "up",
            "referral_rate": "up",
            "average_order_value": "up",
            "mention_count": "up",
        },
        evidence=("B17",),
        risks=(
            "Members chose themselves: that they buy more was mostly so before they joined.",
            "A group without a host dies in public, or turns into a complaints desk.",
            "The best customers gain least, since they came anyway.",
            "What is said in a group on another firm's network is not yours to keep.",
        ),
        overlaps=("social-presence", "referral-programme"),
        sources=("SB5", "SE3"),
    ),
    Strategy(
        id="social-proof",
        title="Show what other customers say",
        what=(
            "People believe other buyers sooner than the shop. Ratings, photographs and stories of customers help the "
            "next one to decide and to expect the right thing, and expecting the right thing is half of being content. "
            "It helps a shop whose goods are liked; where they are not, repair comes first."
        ),
        steps=(
            Step(
                "Ask every customer for a rating once the goods have been used, seven to fourteen days after delivery, "
                "with one click to the stars and a field for a sentence.",
                ("SC15",),
            ),
            Step(
                "Show all ratings on the product page, bad ones too, newest first, and say that the buyer is verified.",
                ("SC15",),
            ),
            Step(
                "Answer every bad one within two days: what was wrong, what you did, whom to write to.",
            ),
            Step(
                "Ask promoters of your last survey for testimonials, and put the best on the site beside what they "
                "speak of.",
                ("SC15",),
            ),
            Step(
                "Write up cases: what somebody wanted, what they chose, how it went, with a picture.",
                ("SC15",),
            ),
            Step(
                "Collect customers' posts and, with their leave, share them.",
                ("SC15",),
            ),
            Step(
                "Begin with the products that have fewer than five reviews: the first ones do most.",
            ),
            Step(
                "Give the sentences about faults to whoever buys the goods, each month, with their number.",
            ),
        ),
        stages=("early", "middle"),
        audiences=("customers who are choosing", "customers with a delivery behind them"),
        is_audience_ours=True,
        channels=("web", "e-mail", "social media", "app"),
        needs=(
            "the day of delivery, or of the order (Order.placed_at)",
            "surveys by customer (SurveyResponse.customer_id, score)",
            "a tool for reviews that marks verified buyers",
        ),
        effort="low",
        moves={"conversion_rate": "up", "refund_rate": "down", "sentiment_score": "up"},
        evidence=("C14", "E20"),
        risks=(
            "Bought, chosen or deleted reviews are unlawful in many countries, and found out.",
            "Who answers is seldom the average customer.",
            "A reward for a review has to be named, and makes it kinder than it is.",
        ),
        overlaps=("feedback-loop", "referral-programme"),
        sources=("SC15",),
    ),
    Strategy(
        id="stand-for-a-cause",
        title="Stand for a cause",
        what=(
            "Many customers like to buy where their money does some good, and stay where they can see that it does. A "
            "cause that belongs to the goods, followed for years with figures that anyone can check, is a reason to "
            "choose the shop among equals. It does not make up for bad service or a price far above the others'."
        ),
        steps=(
            Step(
                "Ask customers and staff which cause belongs to what you sell, and choose one for at least three "
                "years.",
            ),
            Step(
                "Give a fixed part of profits, for the environment or against hunger, say, and name the part, the "
                "receiver and the sum each year.",
                ("SE2",),
            ),
            Step(
                "Change to green packaging: less of it, recycled, without plastic; tell in the parcel how to dispose "
                "of it.",
                ("SE2",),
            ),
            Step(
                "Lower the footprint where it is largest, mostly in transport and returns: slower delivery as a "
                "choice, better size charts, bundled parcels. Measure it before you speak of it.",
                ("SE2",),
            ),
            Step(
                "Let customers take part: let them choose between two projects, round up at checkout, or give points.",
            ),
            Step(
                "Report once a year what was done, and also what failed.",
            ),
            Step(
                "Ask in a survey why people buy again, and count how many name the cause.",
            ),
        ),
        audiences=("all customers", "customers who name such reasons in surveys"),
        is_audience_ours=True,
        channels=("web", "e-mail", "social media", "physical store"),
        needs=(
            "a cause that belongs to the goods, and the money to keep it up",
            "a survey with reasons (SurveyResponse.answer)",
        ),
        effort="medium",
        moves={"net_promoter_score": "up", "repeat_purchase_rate": "up", "sentiment_score": "up"},
        evidence=("E18 eco", "E18 social", "E18 charity"),
        risks=(
            "What cannot be proved is called greenwashing, and in many countries it is fined.",
            "More people say that they want it than pay for it.",
            "A cause on which customers disagree divides them.",
        ),
        overlaps=("brand-story",),
        sources=("SE2",),
    ),
)

"""What shop systems call returning customers and repeat purchases."""

from __future__ import annotations

from retention._columns import NOBODY
from retention._facts import PeriodFacts
from retention.definitions._model import Definition
from retention.metrics._common import share_of_customers
from retention.metrics._customers import read_repeat_purchase_rate, read_returning_customer_rate
from retention.metrics._orders import read_repeat_order_rate
from retention.results import Ratio

__all__ = ["SHOPS"]


def _with_several_orders_on_record(facts: PeriodFacts) -> Ratio:
    """Customers of the period of whom more than one purchase is known by now."""
    came_back = sum(gap != NOBODY for gap in facts.second_gaps)
    returning = facts.active - len(facts.base.new) + came_back
    counted = ("", "customers who purchased in the period")
    return share_of_customers(facts, "", returning, facts.active, counted=counted, needs=("firsts",))


SHOPS = (
    Definition(
        id="bigcommerce_returning_customer_rate",
        vendor="BigCommerce",
        title="Returning customers (Customers report)",
        metric="returning_customer_rate",
        inputs="orders",
        counts="customers of the period who had purchased before it / customers of the period",
        unsaid="guests, who stand as one anonymous customer there, are left out",
        sources=(("Customers Report", "https://support.bigcommerce.com/articles/Public/Customers-Report"),),
        read_facts=read_returning_customer_rate,
    ),
    Definition(
        id="shopline_returning_customer_rate",
        vendor="SHOPLINE",
        title="Returning customers (Customers reports)",
        metric="returning_customer_rate",
        inputs="orders",
        counts="customers of the period with more than one order on record / customers of the period",
        differs="later orders change earlier periods: look again next month, and more of this month's have returned",
        sources=(("Customers reports", "https://help.shopline.com/hc/en-001/articles/25421648394137"),),
        read_facts=_with_several_orders_on_record,
    ),
    Definition(
        id="woocommerce_returning_order_rate",
        vendor="WooCommerce Analytics",
        title="Orders of returning customers",
        metric="repeat_order_rate",
        inputs="orders",
        counts="orders that are not their customer's first / orders of known customers",
        unsaid="it marks each order and shows no share; guests, whom it joins by e-mail, are left out",
        sources=(
            (
                "OrdersStatsDataStore::is_returning_customer",
                "https://github.com/woocommerce/woocommerce/blob/trunk/plugins/woocommerce/src/Admin/API/Reports/Orders/Stats/DataStore.php",
            ),
        ),
        read_facts=read_repeat_order_rate,
    ),
    Definition(
        id="repeat_customer_insights_repeat_purchase_rate",
        vendor="Repeat Customer Insights",
        title="Repeat purchase rate",
        metric="repeat_purchase_rate",
        inputs="orders",
        counts="customers with two or more orders in the period / customers of the period",
        sources=(
            (
                "How the time period works in Repeat Customer Insights",
                "https://www.littlestreamsoftware.com/articles/how-the-time-period-works-in-repeat-customer-insights/",
            ),
            ("Repeat Purchase Rate", "https://www.littlestreamsoftware.com/glossary/repeat-purchase-rate/"),
        ),
        read_facts=read_repeat_purchase_rate,
    ),
)

from typing import Literal

WebhooksDeliveriesOrdering = Literal["-pos", "pos"]

WEBHOOKS_DELIVERIES_ORDERING_VALUES: set[WebhooksDeliveriesOrdering] = {
    "-pos",
    "pos",
}


def check_webhooks_deliveries_ordering(value: str) -> WebhooksDeliveriesOrdering:
    if value in WEBHOOKS_DELIVERIES_ORDERING_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {WEBHOOKS_DELIVERIES_ORDERING_VALUES!r}")

from typing import Literal

WebhooksDeliveriesStateItem = Literal["delivered", "failed", "retrying"]

WEBHOOKS_DELIVERIES_STATE_ITEM_VALUES: set[WebhooksDeliveriesStateItem] = {
    "delivered",
    "failed",
    "retrying",
}


def check_webhooks_deliveries_state_item(value: str) -> WebhooksDeliveriesStateItem:
    if value in WEBHOOKS_DELIVERIES_STATE_ITEM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {WEBHOOKS_DELIVERIES_STATE_ITEM_VALUES!r}")

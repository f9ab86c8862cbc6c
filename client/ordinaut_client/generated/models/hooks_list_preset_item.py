from typing import Literal

HooksListPresetItem = Literal["generic", "github", "gitlab", "ordinaut", "stripe"]

HOOKS_LIST_PRESET_ITEM_VALUES: set[HooksListPresetItem] = {
    "generic",
    "github",
    "gitlab",
    "ordinaut",
    "stripe",
}


def check_hooks_list_preset_item(value: str) -> HooksListPresetItem:
    if value in HOOKS_LIST_PRESET_ITEM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {HOOKS_LIST_PRESET_ITEM_VALUES!r}")

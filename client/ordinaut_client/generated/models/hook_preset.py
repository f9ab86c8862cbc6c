from typing import Literal

HookPreset = Literal["generic", "github", "gitlab", "ordinaut", "stripe"]

HOOK_PRESET_VALUES: set[HookPreset] = {
    "generic",
    "github",
    "gitlab",
    "ordinaut",
    "stripe",
}


def check_hook_preset(value: str) -> HookPreset:
    if value in HOOK_PRESET_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {HOOK_PRESET_VALUES!r}")

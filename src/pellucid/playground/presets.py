from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Preset:
    name: str
    title: str
    notice: str
    settings: dict[str, Any]


PRESETS: dict[str, Preset] = {}

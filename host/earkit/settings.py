"""The settings that travel inside a model: labels, front end, recogniser.

They lie in the .tflite as a metadata entry named `earkit`, a UTF-8 JSON object, so that the board,
the monitor and the evaluation cannot disagree.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from earkit.errors import ModelError

METADATA_NAME = "earkit"
OLD_METADATA_NAME = "earshot"
"""Of models trained before the project was renamed."""
METADATA_VERSION = 1


@dataclass(frozen=True)
class FrontendSettings:
    """What TensorFlow's `audio_microfrontend` op is called with (micro_speech's values)."""

    sample_rate: int = 16000
    """Hz"""
    window_ms: int = 30
    hop_ms: int = 20
    channels: int = 40
    lower_hz: float = 125.0
    upper_hz: float = 7500.0
    frames: int = 49
    """Rows of the model's input window."""

    @property
    def hop_samples(self) -> int:
        return self.sample_rate * self.hop_ms // 1000

    @property
    def window_samples(self) -> int:
        return self.sample_rate * self.window_ms // 1000


@dataclass(frozen=True)
class RecognizerSettings:
    """TFLM's `RecognizeCommands` (recognize_commands.h): scores are 0..255."""

    average_ms: int = 1000
    threshold: int = 200
    """A label is reported when its averaged score is above this; 0..255."""
    suppression_ms: int = 1500
    """After a report the same label is not reported again within this time."""
    minimum_count: int = 3
    """Fewer results than this inside `average_ms` are never averaged."""


@dataclass(frozen=True)
class ModelSettings:
    labels: tuple[str, ...]
    """One per output, in order; `silence` and `unknown` are never reported."""
    frontend: FrontendSettings = field(default_factory=FrontendSettings)
    recognizer: RecognizerSettings = field(default_factory=RecognizerSettings)

    def to_json(self) -> str:
        return json.dumps({"version": METADATA_VERSION, **dataclasses.asdict(self)}, sort_keys=True)

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, bytes]) -> "ModelSettings | None":
        """What travels inside a .tflite with these metadata entries; None where nothing does."""
        raw = metadata.get(METADATA_NAME, metadata.get(OLD_METADATA_NAME))
        return None if raw is None else cls.from_json(raw)

    @classmethod
    def from_json(cls, text: str | bytes) -> "ModelSettings":
        """Read what `to_json` wrote. Raises ModelError when it is damaged or newer than this program."""
        try:
            raw: dict[str, Any] = json.loads(text)
            version = raw["version"]
            if version > METADATA_VERSION:
                raise ModelError(
                    f"the model's settings have version {version}, newer than {METADATA_VERSION}",
                    "update earkit",
                )
            return cls(
                labels=tuple(str(label) for label in raw["labels"]),
                frontend=FrontendSettings(**raw["frontend"]),
                recognizer=RecognizerSettings(**raw["recognizer"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError("the model's settings are damaged", "export or train the model again") from error


TFLM_SETTINGS = ModelSettings(labels=("silence", "unknown", "yes", "no"))
"""What a micro_speech model without metadata is taken to be: TFLM's order and settings."""

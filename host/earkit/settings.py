"""The settings that travel inside a model: labels, front end, recogniser. The one description of their types
and ranges, whoever reads them: metadata of a stranger's model, a board's answers, a file of a person's own.

They lie in the .tflite as a metadata entry named `earkit`, a UTF-8 JSON object, so that the board, the
monitor and the evaluation cannot disagree.
"""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from earkit.errors import ModelError, SettingError

METADATA_NAME = "earkit"
OLD_METADATA_NAME = "earshot"
"""Of models trained before the project was renamed."""
METADATA_VERSION = 1

SILENCE, UNKNOWN = "silence", "unknown"
"""Labels that are no words."""
LONGEST_LABEL = 64
"""Bytes of UTF-8."""


SLOWEST_HOPS = 4
"""Between two decisions of the slowest build: TFLite Micro on Arduino."""


def ranged(default: Any, least: float, most: float) -> Any:
    """A field of the type of `default`, `least` to `most`, both included."""
    return field(default=default, metadata={"least": least, "most": most})


class Ranged:
    """Base of dataclasses whose fields are `ranged`. Raises SettingError, naming the field, for any other
    value."""

    def __post_init__(self) -> None:
        for one in dataclasses.fields(self):  # type: ignore[arg-type]
            check_range(one, getattr(self, one.name))


def check_range(one: "dataclasses.Field[Any]", value: object) -> None:
    """Raise SettingError unless `value` fits the `ranged` field: a whole number, or any where its default is
    a float."""
    least, most = one.metadata["least"], one.metadata["most"]
    kinds: tuple[type, ...] = (int, float) if isinstance(one.default, float) else (int,)
    if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value <= most:
        raise SettingError(f"{one.name} must be {least} to {most}, not {json.dumps(value, default=str)[:40]}")


@dataclass(frozen=True)
class FrontendSettings(Ranged):
    """What TensorFlow's `audio_microfrontend` op is called with (micro_speech's values)."""

    sample_rate: int = ranged(16000, 4000, 96000)
    """Hz"""
    window_ms: int = ranged(30, 1, 1000)
    hop_ms: int = ranged(20, 1, 1000)
    channels: int = ranged(40, 1, 1000)
    lower_hz: float = ranged(125.0, 0.0, 48000.0)
    upper_hz: float = ranged(7500.0, 0.0, 48000.0)
    frames: int = ranged(49, 1, 65535)
    """Rows of the model's input window."""

    @property
    def hop_samples(self) -> int:
        return self.sample_rate * self.hop_ms // 1000

    @property
    def window_samples(self) -> int:
        return self.sample_rate * self.window_ms // 1000


@dataclass(frozen=True)
class RecognizerSettings(Ranged):
    """TFLM's `RecognizeCommands` (recognize_commands.h): scores are 0..255. The ranges are those of
    firmware/core/recognizer/recognizer.h."""

    average_ms: int = ranged(1000, 1, 2500)
    threshold: int = ranged(200, 0, 255)
    """A label is reported when its averaged score is above this."""
    suppression_ms: int = ranged(1500, 0, 65535)
    """After a report the same label is not reported again within this time."""
    minimum_count: int = ranged(3, 1, 64)
    """Fewer results than this inside `average_ms` are never averaged."""


SETTING_FIELDS = {
    "suppression": "suppression_ms",
    "average": "average_ms",
    "minimum_count": "minimum_count",
    "threshold": "threshold",
}
"""The names by which a person and the protocol call what RecognizerSettings holds."""


def is_word(label: str) -> bool:
    """Whether a listener reports this label: all but silence and unknown."""
    return label not in (SILENCE, UNKNOWN)


def words_of(labels: Iterable[str]) -> tuple[str, ...]:
    """The labels that a listener reports, in order."""
    return tuple(filter(is_word, labels))


@dataclass(frozen=True)
class ModelSettings:
    """Raises SettingError for labels that are empty, too long, not printable or there twice, and for a rule
    that could never report anything."""

    labels: tuple[str, ...]
    """One per output, in order."""
    frontend: FrontendSettings = field(default_factory=FrontendSettings)
    recognizer: RecognizerSettings = field(default_factory=RecognizerSettings)

    def __post_init__(self) -> None:
        for label in self.labels:
            if not isinstance(label, str) or not label or not label.isprintable():
                raise SettingError(
                    f"a label must be printable text, not {json.dumps(label, default=str)[:40]}"
                )
            if len(label.encode()) > LONGEST_LABEL:
                raise SettingError(f"the label {label[:20]}… is longer than {LONGEST_LABEL} bytes")
        if len(set(self.labels)) < len(self.labels):
            raise SettingError("a label is there twice")
        count, average = self.recognizer.minimum_count, self.recognizer.average_ms
        most = average // (SLOWEST_HOPS * self.frontend.hop_ms) + 1
        if count > most:
            raise SettingError(
                f"minimum_count {count} is more than the {most} results within {average} ms: deaf"
            )

    @property
    def words(self) -> tuple[str, ...]:
        """The labels that are reported, in order."""
        return words_of(self.labels)

    @property
    def word_mask(self) -> int:
        """Bit i is set where label i is a word (firmware/core/model_info.h)."""
        return sum(1 << i for i, label in enumerate(self.labels) if is_word(label))

    @property
    def silence(self) -> int | None:
        """The index of the label that means silence."""
        return self.labels.index(SILENCE) if SILENCE in self.labels else None

    def to_json(self) -> str:
        return json.dumps({"version": METADATA_VERSION, **dataclasses.asdict(self)}, sort_keys=True)

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, bytes]) -> "ModelSettings | None":
        """What travels inside a .tflite with these metadata entries; None where nothing does."""
        raw = metadata.get(METADATA_NAME, metadata.get(OLD_METADATA_NAME))
        return None if raw is None else cls.from_json(raw)

    @classmethod
    def from_json(cls, text: str | bytes) -> "ModelSettings":
        """Read what `to_json` wrote. Raises ModelError when it is damaged, out of range or newer than this
        program."""
        try:
            raw = json.loads(text)
            version = raw["version"]
            if type(version) is not int or not 1 <= version <= METADATA_VERSION:
                raise ModelError(
                    f"the model's settings have version {str(version)[:20]}, this program reads "
                    f"1 to {METADATA_VERSION}",
                    "update Earkit",
                )
            if not isinstance(raw["labels"], list):
                raise TypeError
            return cls(
                labels=tuple(raw["labels"]),
                frontend=FrontendSettings(**raw["frontend"]),
                recognizer=RecognizerSettings(**raw["recognizer"]),
            )
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            why = f": {error}" if isinstance(error, SettingError) else ""
            raise ModelError(
                f"the model's settings are damaged{why}", "export or train the model again"
            ) from error


TFLM_SETTINGS = ModelSettings(labels=(SILENCE, UNKNOWN, "yes", "no"))
"""What a micro_speech model without metadata is taken to be: TFLM's order and settings."""

"""What a board answers to hello, info and stats (docs/protocol.md), as far as it can be believed.

Nothing of it is trusted: a field that is missing, of another type or out of its range is None, and one that
this version does not know is ignored. Texts may hold anything, so escape them before showing them.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

_COUNT = 2**32 - 1
_TIME = 2**53 - 1
"""What a double counts exactly: JSON knows no other number."""
_FLOAT = 3.5e38
"""Above the largest float32."""


def _number(kinds: tuple[type, ...], least: float, most: float) -> Any:
    def fits(value: object) -> bool:
        return isinstance(value, kinds) and not isinstance(value, bool) and least <= value <= most  # type: ignore[operator]

    return field(default=None, metadata={"fits": fits})


def _whole(most: int = _COUNT, least: int = 0) -> Any:
    return _number((int,), least, most)


def _scale() -> Any:
    return _number((int, float), 0.0, _FLOAT)


def _text() -> Any:
    return field(default=None, metadata={"fits": lambda value: isinstance(value, str)})


class _Answer:
    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """Read the JSON object that a board sent."""
        fields = dataclasses.fields(cls)  # type: ignore[arg-type]
        return cls(**{one.name: said[one.name] for one in fields if one.metadata["fits"](said.get(one.name))})

    def known(self) -> dict[str, Any]:
        """The fields that are not None, by name."""
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class Info(_Answer):
    """Facts of sound, model and port. A lesson's firmware has no sound; a board that does not listen has an
    `error` and no tensors."""

    board: str | None = _text()
    sample_rate: int | None = _whole()
    """Hz"""
    hop_samples: int | None = _whole()
    channels: int | None = _whole()
    frames: int | None = _whole()
    hops_per_inference: int | None = _whole()
    baud: int | None = _whole()
    error: str | None = _text()
    input: str | None = _text()
    """The tensor's type, int8 or float32; its zero point, count and scale follow."""
    input_zero_point: int | None = _whole(127, -128)
    input_count: int | None = _whole()
    input_scale: float | None = _scale()
    output: str | None = _text()
    output_zero_point: int | None = _whole(127, -128)
    output_count: int | None = _whole()
    output_scale: float | None = _scale()


@dataclass(frozen=True)
class Stats(_Answer):
    """Counters since the board's start."""

    reset: str | None = _text()
    """Why it started."""
    ms: int | None = _whole(_TIME)
    """Of sound."""
    inferences: int | None = _whole()
    hop_cycles: int | None = _whole()
    inference_cycles: int | None = _whole()
    """Of the last hop and the last inference, at 64 MHz."""
    asleep_ms: int | None = _whole(_TIME)
    asleep_percent: int | None = _whole(100)
    overruns: int | None = _whole()
    """Hops of sound lost."""
    serial_lost: int | None = _whole()
    damaged: int | None = _whole()
    dropped_lines: int | None = _whole()
    dropped_frames: int | None = _whole()


@dataclass(frozen=True)
class Hello:
    """Who answers. A text that is missing is empty."""

    protocol: int
    firmware: str
    board: str
    engine: str
    model: str
    sha256: str
    labels: tuple[str, ...]
    numbers: bool = False
    """Whether its replies carry their request's number."""

    @classmethod
    def of(cls, said: Mapping[str, Any], version: int) -> Self:
        """Read the JSON object that a board sent, whose version is `version`."""
        labels = said.get("labels")
        texts = {name: said.get(name) for name in ("firmware", "board", "engine", "model", "sha256")}
        return cls(
            protocol=version,
            labels=tuple(map(str, labels)) if isinstance(labels, list) else (),
            numbers=said.get("numbers") is True,
            **{name: text if isinstance(text, str) else "" for name, text in texts.items()},
        )

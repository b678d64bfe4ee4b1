"""English prose that never says the words to hear, for synthetic voices to read.

Training reads Python's own reference, held-out speakers read what NumPy says about itself: both are there
wherever Earkit is. No sentence is in two splits.
"""

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np

HOMOPHONES = {
    "no": ("know",),
    "right": ("write", "rite", "wright"),
    "one": ("won",),
    "two": ("to", "too"),
    "four": ("for", "fore"),
    "eight": ("ate",),
}
_FEWEST, _MOST = 4, 30
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def sentences(words: Sequence[str], split: str = "training") -> list[str]:
    """Sentences of `split` without any of `words`, or what sounds the same, in order."""
    banned = {sound for word in words for sound in (word, *HOMOPHONES.get(word, ()))}
    texts = _reference() if split == "training" else _held_out(split)
    return [text for text in texts if not banned & _words(text)]


def vocabulary(words: Sequence[str]) -> list[str]:
    """The words that training reads."""
    return sorted(set().union(*map(_words, sentences(words))))


@cache
def _reference() -> tuple[str, ...]:
    return _sentences([" ".join(topics.values())])


@cache
def _held_out(split: str) -> tuple[str, ...]:
    heard = set(_reference())
    return tuple(text for text in _sentences(_paragraphs()) if text not in heard and _split_of(text) == split)


def _paragraphs() -> Iterator[str]:
    """Of NumPy's docstrings."""
    root = Path(np.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if "tests" not in path.parts:
            nodes = ast.walk(ast.parse(path.read_text("utf-8")))
            found = (ast.get_docstring(node) for node in nodes if isinstance(node, _DOCUMENTED))
            for text in filter(None, found):
                yield from re.split(r"\n\s*\n", text)


def _split_of(text: str) -> str:
    return ("validation", "testing")[hashlib.sha1(text.encode()).digest()[0] % 2]


def _sentences(texts: Iterable[str]) -> tuple[str, ...]:
    plain = (re.sub(r"[`*\"|>]", "", text) for text in texts)
    parts = (part for text in plain for part in re.split(r"(?<=[.;:!?])\s+", text))
    found = {re.sub(r"\s+", " ", part).strip() for part in parts}
    return tuple(sorted(filter(_is_prose, found)))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))


def _is_prose(text: str) -> bool:
    letters = sum(character.isalpha() or character in " ,.;:'" for character in text)
    return _FEWEST <= len(text.split()) <= _MOST and letters > 0.97 * len(text) and "_" not in text

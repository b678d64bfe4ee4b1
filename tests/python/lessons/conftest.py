"""A cache of the test run's own, so that no test reads or fills the user's; lessons run in this process."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from earkit.commands import cli

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds are shared by the tests of a run."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.delenv("EARKIT_MODEL", raising=False)


@pytest.fixture
def lesson() -> Run:
    """Run `earkit lesson WORDS` (TensorFlow is imported once for all)."""
    return lambda *words: CliRunner().invoke(cli, ["lesson", *map(str, words)])


@pytest.fixture
def figures(lesson: Run) -> Callable[..., dict[str, Any]]:
    """Run it with --json and return what it prints."""

    def run(*words: object) -> dict[str, Any]:
        done = lesson(*words, "--json")
        assert done.exit_code == 0, done.output
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return run

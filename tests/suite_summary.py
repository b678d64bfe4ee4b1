"""What a run says last: minutes by folder, and what was skipped for which reason."""

import time
from collections import Counter
from pathlib import PurePath

import pytest


class Summary:
    """A plugin. With pytest-xdist the minutes are those of its workers, added up."""

    def __init__(self) -> None:
        self._seconds: Counter[str] = Counter()
        self._tests: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._skipped: Counter[tuple[str, str]] = Counter()
        self._began = time.monotonic()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        folder = PurePath(report.nodeid.split("::")[0]).parent.as_posix()
        self._seconds[folder] += report.duration
        self._failed[folder] += report.failed
        if report.when == "setup":
            self._tests[folder] += 1
        if report.skipped and not hasattr(report, "wasxfail"):
            self._skip(folder, report.longrepr)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that skips as a whole has no tests."""
        if report.skipped:
            self._skip(PurePath(report.nodeid).parent.as_posix(), report.longrepr)

    def _skip(self, folder: str, why: object) -> None:
        reason = why[2] if isinstance(why, tuple) else str(why)
        self._skipped[folder, reason.removeprefix("Skipped: ")] += 1

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> object:
        result = yield
        if len(self._tests) > 1:
            terminalreporter.section("minutes by folder")
            for line in self._table():
                terminalreporter.line(line)
        if self._skipped:
            terminalreporter.section("skipped")
            for (folder, reason), count in sorted(self._skipped.items()):
                terminalreporter.line(f"{count:4}  {folder}: {reason}")
        return result

    def _table(self) -> list[str]:
        rows = [f"{'minutes':>8} {'tests':>6} {'failed':>7}  folder"]
        for folder, seconds in sorted(self._seconds.items()):
            rows.append(f"{seconds / 60:8.2f} {self._tests[folder]:6} {self._failed[folder]:7}  {folder}")
        spent, tests, failed = (sum(one.values()) for one in (self._seconds, self._tests, self._failed))
        clock = (time.monotonic() - self._began) / 60
        return [*rows, f"{spent / 60:8.2f} {tests:6} {failed:7}  all, in {clock:.1f} minutes by the clock"]

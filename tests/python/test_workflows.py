"""CI's own files: no step fails in silence, and what is downloaded is checked."""

import re
from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")

GITHUB = Path(__file__).parents[2] / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))


def steps(workflow: Any) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.fixture(params=WORKFLOWS, ids=lambda path: str(path.name))
def workflow(request: pytest.FixtureRequest) -> Any:
    return yaml.safe_load(request.param.read_text())


def test_a_pipe_fails_with_any_of_its_commands(workflow: Any) -> None:
    assert workflow["defaults"]["run"]["shell"] == "bash"  # GitHub runs it with pipefail, its default without
    for step in steps(workflow):
        assert "shell" not in step and "continue-on-error" not in step
        assert not re.search(r"\|\|\s*true|set \+e|\|\s*tar\b", step.get("run", "")), step


def test_what_is_uploaded_is_there(workflow: Any) -> None:
    for step in steps(workflow):
        if step.get("uses", "").startswith("actions/upload-artifact@"):
            assert step["with"]["if-no-files-found"] == "error"
            if ".pio" in step["with"]["path"]:
                assert step["with"]["include-hidden-files"] is True


def test_what_is_downloaded_is_checked_before_use(workflow: Any) -> None:
    for run in (step["run"] for step in steps(workflow) if "curl" in step.get("run", "")):
        name, sums = re.search(r"file=(\S+)", run), re.search(r"sha256sum --check (\S+)", run)
        assert name and sums and run.index("curl") < sums.start() < run.index("tar x")
        lines = (GITHUB.parent / sums[1]).read_text().splitlines()
        assert [line.split()[1] for line in lines] == [name[1]]
        assert all(re.fullmatch(r"[0-9a-f]{64}  \S+", line) for line in lines)


def test_both_engines_are_built_and_played_to() -> None:
    jobs = yaml.safe_load((GITHUB / "workflows/board.yml").read_text())["jobs"]
    built = next(step["run"] for step in jobs["arduino"]["steps"] if "pio run" in step.get("run", ""))
    played = jobs["renode"]["strategy"]["matrix"]["image"]
    assert {"nano33ble", "nano33ble_compiled"} <= set(re.findall(r"-e (\w+)", built)) & set(played)

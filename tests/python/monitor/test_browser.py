"""The page in a real browser: what a maker sees and does, by keyboard, in the dark and on a phone."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from monitor_peers import CONNECTED, heard

from earkit.device.ports import open_port
from earkit.device.session import Session
from earkit.monitor.feed import Feed
from earkit.monitor.reports import HOP, Audio, Note, Scores
from earkit.monitor.web import Web

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("plotly", reason="the web extra is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
PATIENCE = 30_000
COLOURS = """() => {
  const canvas = document.querySelector('canvas');
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return new Set(new Uint32Array(data.buffer)).size;
}"""


class Window:
    """A browser window that keeps a list of all it complained about and asked for."""

    def __init__(self, page: Any) -> None:
        self.page, self.complaints, self.asked = page, [], []
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: self._complain(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append("dialog"), dialog.dismiss()))
        page.on("request", lambda request: self.asked.append(request.url))

    def _complain(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)


def until(page: Any, condition: str) -> None:
    """Wait for it. Playwright's own wait polls by eval, which the page's policy forbids: it fails unless the
    condition holds at once."""
    end = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(50)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def window(browser: Any) -> Iterator[Window]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Window(context.new_page())
    context.close()


Start = Callable[[], tuple[str, subprocess.Popen[bytes]]]


@pytest.fixture
def monitor(start_board: Start) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`earkit monitor --web` on the application itself; the page's address and the board's process."""
    port, board = start_board()
    with Session(open_port(port)) as session:
        session.set("average", 100)  # half a second of noise is a word
    command = [sys.executable, "-u", "-m", "earkit", "monitor", f"desk={port}", "--web"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    url = next(found[1] for line in process.stderr if (found := re.search(r"the page is (\S+)", line)))
    yield url, board
    process.terminate()
    process.wait()


def test_a_maker_watches_sets_and_plays(window: Window, monitor: tuple[str, subprocess.Popen[bytes]]) -> None:
    url, board = monitor
    page = window.page
    page.goto(url)
    page.wait_for_selector(".state.connected")
    assert 'loudness "\\ on native' in page.inner_text(".facts")
    page.focus("input[type=range] >> nth=0")  # yes
    page.keyboard.press("Home")
    until(page, "document.querySelector('.sliders output').textContent === '0'")
    page.wait_for_selector("#heard li strong")
    assert page.inner_text("#heard li strong >> nth=0") == "yes"
    with page.expect_response(re.compile(r"/clip/\d+\.wav")) as answer:
        page.focus("#heard button >> nth=0")
        page.keyboard.press("Enter")
    assert answer.value.status in (200, 206)
    until(page, "document.querySelectorAll('.scores .scatterlayer .trace').length === 4")
    until(page, f"({COLOURS})() > 20")  # the spectrogram shows noise and silence
    assert not window.complaints
    assert all(asked.startswith((url, "data:", "blob:")) for asked in window.asked), window.asked
    picture(page, "page-test")
    board.send_signal(signal.SIGSTOP)  # its terminal's name stays taken, which another test's board would get
    page.wait_for_selector(".state:not(.connected)")
    assert "gone" in page.inner_text(".state")


@pytest.fixture
def fed() -> Iterator[tuple[Feed, str]]:
    feed = Feed()
    feed.take(CONNECTED)
    with Web(feed, lambda *_: None) as web:
        yield feed, web.url


def test_hostile_texts_stay_texts(window: Window, fed: tuple[Feed, str]) -> None:
    feed, url = fed
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    window.page.goto(url)
    window.page.wait_for_selector(".state.connected")
    feed.take(heard(evil))
    feed.take(Note(evil, evil))
    feed.take(Scores("b", 1, (1, 2)))  # fewer than labels
    window.page.wait_for_selector("#heard li strong")
    assert window.page.inner_text("#heard li strong") == evil
    assert window.page.locator("img, #heard script").count() == 0
    window.page.wait_for_timeout(500)
    assert not window.complaints


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_narrow_and_in_both_schemes(browser: Any, fed: tuple[Feed, str], scheme: str) -> None:
    feed, url = fed
    for hop in range(1, 118):
        feed.take(Audio("b", hop, np.zeros(HOP, np.int16)))
    feed.take(heard("a very long word that does not end " * 3))
    context = browser.new_context(color_scheme=scheme, viewport={"width": 360, "height": 740}, has_touch=True)
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("#heard button")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    red = int(re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor"))[0])
    assert red < 60 if scheme == "dark" else red > 200
    small = page.evaluate(
        "[...document.querySelectorAll('button')].filter(b => b.offsetParent && b.offsetHeight < 40).length"
    )
    assert small == 0, "buttons are large enough for a thumb"
    context.close()


def test_the_page_comes_back_by_itself(window: Window) -> None:
    feed = Feed()
    feed.take(CONNECTED)
    web = Web(feed, lambda *_: None)
    with web:
        window.page.goto(web.url)
        window.page.wait_for_selector(".state.connected")
    until(window.page, "document.getElementById('link').textContent.includes('trying again')")


def picture(page: Any, name: str) -> None:
    """For looking at, where EARKIT_PICTURES names a folder."""
    folder = os.environ.get("EARKIT_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)

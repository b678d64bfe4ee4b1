"""Who gets at the page and who does not, over a real socket."""

import http.client
import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import numpy as np
import pytest
from monitor_peers import CONNECTED, heard

from earkit.errors import EarkitError
from earkit.monitor.feed import CLIPS, Feed
from earkit.monitor.reports import CHANNELS, HOP, Audio, Features, Gone, Note, Scores, Setting
from earkit.monitor.web import Web

pytest.importorskip("plotly", reason="the web extra is not installed")
client = pytest.importorskip("websockets.sync.client", reason="websockets is not installed")
exceptions = pytest.importorskip("websockets.exceptions")


class Page:
    def __init__(self) -> None:
        self.feed, self.set = Feed(), []
        self.web = Web(self.feed, lambda *wish: self.set.append(wish))
        parts = urlsplit(self.web.url)
        self.port, self.path = parts.port or 0, parts.path

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(
            "GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )
        return connection.getresponse()

    def live(self, path: str | None = None, **rest: object) -> object:
        return client.connect(f"ws://127.0.0.1:{self.port}{path or self.path}live", **rest)


@pytest.fixture
def page() -> Iterator[Page]:
    made = Page()
    with made.web:
        yield made


def test_the_page_and_what_it_loads(page: Page) -> None:
    for name in ("", "page.js", "draw.js", "page.css", "plotly.min.js"):
        answer = page.get(page.path + name)
        body = answer.read().decode()
        assert answer.status == 200 and body, name
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "http:" not in policy and "https:" not in policy
        if name != "plotly.min.js":
            assert "http://" not in body and "https://" not in body, "nothing from elsewhere"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/wrong/",
        "/{half}/",
        "//",
        "/..{path}",
        "/x{path}page.js",
        "/wrong/plotly.min.js",
        "/wrong/clip/1.wav",
    ],
)
def test_without_the_token_nothing(page: Page, path: str) -> None:
    asked = path.format(half=page.path.strip("/")[:10], path=page.path)
    answer = page.get(asked)
    assert answer.status == 403 and b"Earkit" not in answer.read()


@pytest.mark.parametrize(
    "name", ["../web.py", "..%2fweb.py", "%2e%2e/web.py", "index.html", "page/page.js", "clip/x.wav"]
)
def test_no_other_file(page: Page, name: str) -> None:
    assert page.get(page.path + name).status in (403, 404)


def test_another_origin_or_name_gets_nothing(page: Page) -> None:
    assert page.get(page.path, Origin="http://evil.example").status == 403
    assert page.get(page.path, Origin="null").status == 403
    assert page.get(page.path, Host=f"evil.example:{page.port}").status == 403, "DNS rebinding"
    assert page.get(page.path, Host=f"localhost:{page.port}").status == 200
    own = f"http://127.0.0.1:{page.port}"
    assert page.get(page.path, Origin=own).status == 200
    with page.live(origin=own) as live:  # type: ignore[attr-defined]
        assert json.loads(live.recv())["events"] == []
    for refused in ({"origin": "http://evil.example"}, {"path": "/wrong/"}):
        with pytest.raises(exceptions.InvalidStatus, match="403"):
            page.live(**refused)


def test_only_loopback_unless_asked(page: Page) -> None:
    own = socket.gethostbyname(socket.gethostname())
    if not own.startswith("127."):
        with pytest.raises(OSError, match=r"refused|timed out"):
            socket.create_connection((own, page.port), timeout=2)
    with Web(Feed(), lambda *_: None, "0.0.0.0") as asked:
        assert not asked.is_local and asked.url.startswith("http://0.0.0.0:")


@pytest.mark.parametrize("address", ["example.org", "127.0.0.1:x", "127.0.0.1:99999", "1.2.3.4", ""])
def test_an_address_that_cannot_be(address: str) -> None:
    with pytest.raises(EarkitError, match="cannot serve the page at"):
        Web(Feed(), lambda *_: None, address)


def test_what_a_page_is_told(page: Page) -> None:
    feed = page.feed
    feed.take(CONNECTED)
    for hop in range(60, 118):
        feed.take(Audio("b", hop, np.full(HOP, hop, np.int16)))
    feed.take(heard(label="<img src=x onerror=alert(1)>"))
    with page.live() as live:  # type: ignore[attr-defined]
        known = json.loads(live.recv())["events"]
        assert [event["kind"] for event in known] == ["board", "heard"]
        assert known[0]["settings"] == {"threshold.yes": 200, "threshold.no": 201}
        feed.take(Features("b", 118, np.arange(CHANNELS).astype(np.int8)))
        feed.take(Scores("b", 2360, (1, 2, 3, 4)))
        feed.take(Setting("b", "threshold.yes", 9))
        feed.take(Gone("b"))
        feed.take(Note("b", "so"))
        events, streams = [], {}
        while len(events) < 3:
            message = json.loads(live.recv(timeout=60))
            events += message["events"]
            streams |= message["streams"]
    assert events[-3]["settings"]["threshold.yes"] == 9 and events[-2]["state"] == "gone"
    assert events[-1]["text"] == "so"
    clip = page.get(f"{page.path}clip/1.wav").read()
    assert clip[:4] == b"RIFF" and len(clip) == 44 + 32000
    samples = np.frombuffer(clip[44:], "<i2").reshape(-1, HOP)[:, 0]
    assert samples.tolist() == list(range(68, 118)), "the second up to the detection at 2340 ms"
    assert page.get(f"{page.path}clip/2.wav").status == 404


def test_sliders_set_known_settings_only(page: Page) -> None:
    page.feed.take(CONNECTED)
    wish = {"board": "b", "name": "threshold.yes", "value": 180, "keep": True}
    bad = [
        {**wish, "name": "reset"}, {**wish, "board": "c"}, {**wish, "value": -1}, {**wish, "value": 1.5},
        {**wish, "value": True}, {**wish, "name": "threshold.yes\nreset"}, {}, [], 7,
    ]  # fmt: skip
    with page.live() as live:  # type: ignore[attr-defined]
        for message in (*map(json.dumps, bad), "not json", "[" * 4000, json.dumps(wish)):
            live.send(message)
        for _ in range(50):
            if page.set:
                break
            live.ping().wait(1)
    assert page.set == [("b", "threshold.yes", 180, True)]


def test_a_huge_message_ends_that_page_only(page: Page) -> None:
    with page.live() as live, pytest.raises(exceptions.ConnectionClosed):  # type: ignore[attr-defined]
        live.send("x" * 100_000)
        for _ in range(10):
            live.recv(timeout=60)
    with page.live() as live:  # type: ignore[attr-defined]
        live.recv()


def test_memory_is_bounded_without_a_page() -> None:
    feed = Feed()
    feed.take(CONNECTED)
    for hop in range(3000):
        feed.take(Audio("b", hop, np.zeros(HOP, np.int16)))
        feed.take(Features("b", hop, np.zeros(CHANNELS, np.int8)))
        feed.take(Scores("b", hop * 20, (0, 0, 0, 0)))
        feed.take(heard(ms=hop * 20))
        feed.take(Note("b", "x"))
    message = feed.message()
    assert message and len(json.dumps(message)) < 200_000
    assert len(feed.snapshot()["events"]) <= CLIPS + 1
    assert feed.clip(1) is None and feed.clip(3000) is not None

"""MQTT against a real mosquitto: discovery, detections, availability, a broker that comes and goes."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from monitor_peers import CONNECTED, heard

from earkit.errors import EarkitError
from earkit.monitor.mqtt import Mqtt, slug
from earkit.monitor.reports import Gone

paho = pytest.importorskip("paho.mqtt.client", reason="paho-mqtt is not installed")
MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin")
pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")


class Broker:
    def __init__(self, folder: Path, password: str = "") -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.port = server.getsockname()[1]
        self.config = folder / "mosquitto.conf"
        secret = f"password_file {folder}/passwords\n" if password else ""
        anonymous = "false" if password else "true"
        self.config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous {anonymous}\n{secret}"
            f"persistence true\npersistence_location {folder}/\nuser root\n"
        )
        if password:
            made = shutil.which("mosquitto_passwd") or "mosquitto_passwd"
            subprocess.run([made, "-b", "-c", folder / "passwords", "me", password], check=True)
        self.start()

    def start(self) -> None:
        assert MOSQUITTO
        self.process = subprocess.Popen([MOSQUITTO, "-c", self.config], stderr=subprocess.DEVNULL)
        until(lambda: socket.socket().connect_ex(("127.0.0.1", self.port)) == 0)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


class Listener:
    """Home Assistant's side, with a session that the broker keeps: what comes while it is away waits."""

    def __init__(self, port: int) -> None:
        self.got: list[tuple[str, str]] = []
        self.listens = False
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="home", clean_session=False)
        self.client.on_connect = lambda client, *_: client.subscribe("#", 1)
        self.client.on_subscribe = lambda *_: setattr(self, "listens", True)
        self.client.on_message = self._take
        self.client.reconnect_delay_set(1, 1)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        until(lambda: self.listens)

    def _take(self, _client: Any, _data: Any, message: Any) -> None:
        self.got.append((message.topic, message.payload.decode()))

    def last(self, topic: str) -> str | None:
        return next((payload for name, payload in reversed(self.got) if name == topic), None)

    def count(self, topic: str) -> int:
        return sum(name == topic for name, _ in self.got)


def until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.02)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def listener(broker: Broker) -> Iterator[Listener]:
    made = Listener(broker.port)
    yield made
    made.client.disconnect()
    made.client.loop_stop()


def test_each_word_shows_up_by_itself(broker: Broker, listener: Listener) -> None:
    mqtt = Mqtt(f"127.0.0.1:{broker.port}", lambda *_: None)
    mqtt.take(CONNECTED)
    mqtt.take(heard())
    topic = "homeassistant/event/earkit_4711/yes/config"
    until(lambda: listener.last(topic) and listener.last("earkit/4711/yes"))
    config = json.loads(listener.last(topic) or "")
    assert config["event_types"] == ["heard"] and config["state_topic"] == "earkit/4711/yes"
    assert config["device"]["identifiers"] == ["earkit_4711"] and config["unique_id"] == "earkit_4711_yes"
    assert listener.last("homeassistant/event/earkit_4711/no/config")
    assert listener.last("homeassistant/event/earkit_4711/silence/config") is None
    event = json.loads(listener.last("earkit/4711/yes") or "")
    assert event["event_type"] == "heard" and (event["word"], event["score"]) == ("yes", 204)
    for place in config["availability"]:
        assert listener.last(place["topic"]) == "online"
    mqtt.take(Gone("b"))
    until(lambda: listener.last("earkit/4711/availability") == "offline")
    mqtt.take(CONNECTED)
    until(lambda: listener.last("earkit/4711/availability") == "online")
    mqtt.close()
    until(lambda: all(listener.last(place["topic"]) == "offline" for place in config["availability"]))


def test_a_broker_that_restarts_misses_nothing(broker: Broker, listener: Listener) -> None:
    said: list[str] = []
    mqtt = Mqtt(f"mqtt://127.0.0.1:{broker.port}", lambda _board, text: said.append(text))
    mqtt.take(CONNECTED)
    mqtt.take(heard(ms=1))
    until(lambda: listener.count("earkit/4711/yes") == 1)
    broker.stop()
    until(lambda: said)
    assert "the broker has gone" in said[0]
    mqtt.take(heard(ms=2))
    broker.start()
    until(lambda: "MQTT: connected again" in said)
    until(lambda: '"ms": 2,' in (listener.last("earkit/4711/yes") or ""))
    until(lambda: listener.last("earkit/4711/availability") == "online")
    mqtt.close()


def test_a_killed_monitor_is_offline(broker: Broker, listener: Listener) -> None:
    mqtt = Mqtt(f"127.0.0.1:{broker.port}", lambda *_: None)
    until(lambda: listener.last(mqtt._me) == "online")
    mqtt._client._sock_close()  # no goodbye: the last will speaks
    mqtt._client.loop_stop()
    until(lambda: "offline" in [payload for name, payload in listener.got if name == mqtt._me])


def test_user_and_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker(tmp_path, "s3cret")
    try:
        with pytest.raises(EarkitError, match=r"refuses: .*authori[sz]ed.*check user"):
            Mqtt(f"127.0.0.1:{broker.port}", lambda *_: None)
        monkeypatch.setenv("EARKIT_MQTT_PASSWORD", "s3cret")
        Mqtt(f"mqtt://me@127.0.0.1:{broker.port}", lambda *_: None).close()
    finally:
        broker.stop()


@pytest.mark.parametrize("address", ["", "http://a", "mqtt://", "host:port", "host:99999"])
def test_no_address(address: str) -> None:
    with pytest.raises(EarkitError, match="is no MQTT broker"):
        Mqtt(address, lambda *_: None)


def test_nobody_there() -> None:
    with pytest.raises(EarkitError, match=r"no MQTT broker at 127.0.0.1:1: .*refused"):
        Mqtt("127.0.0.1:1", lambda *_: None)


def test_labels_are_safe_in_topics() -> None:
    labels = ["yes", "a/b", "a#b", "+", "", "ü", "a_b", "x" * 60, "x" * 61]
    slugs = [slug(label) for label in labels]
    assert len(set(slugs)) == len(labels)
    assert all(one.replace("_", "").replace("-", "").isalnum() and one.isascii() for one in slugs)

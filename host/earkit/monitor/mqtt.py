"""Detections over MQTT, and Home Assistant's discovery, so that each word shows up by itself.

Topics, for a board with id ID and a word WORD (both reduced to letters, digits, `_` and `-`):

    earkit/ID/WORD            {"event_type": "heard", "score": …, …} for each detection
    earkit/ID/availability    online or offline, retained: the link to the board
    earkit/HOST/monitor       online or offline, retained: this program (last will)
    homeassistant/event/earkit_ID/WORD/config   discovery, retained
"""

import binascii
import json
import os
import re
import socket
import ssl
import threading
from typing import Any
from urllib.parse import urlsplit

from earkit import __version__
from earkit.errors import EarkitError, require
from earkit.monitor.actions import Say, facts
from earkit.monitor.reports import Connected, Detection, Gone, Identity, Report
from earkit.settings import words_of

PORT, TLS_PORT = 1883, 8883
KEEPALIVE_SECONDS = 15
FIRST_SECONDS = 5.0
WAITING = 1000
"""Detections kept while the broker is away; the newest go first."""
_ONLINE, _OFFLINE = "online", "offline"


def slug(text: str) -> str:
    """`text` as part of a topic; other texts give other slugs."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", text)[:48]
    return plain if plain == text and text else f"{plain}_{binascii.crc32(text.encode()):08x}"


def _entity(base: str) -> str:
    """The board's name in Home Assistant, from its topic."""
    return base.replace("/", "_")


class Mqtt:
    """A sink. `address` is HOST[:PORT] or mqtt[s]://[USER[:PASSWORD]@]HOST[:PORT]; the password may also be
    in EARKIT_MQTT_PASSWORD.

    Raises EarkitError when the broker cannot be reached at first; later it is waited for.
    """

    def __init__(self, address: str, say: Say) -> None:
        self._paho = require("paho.mqtt.client", "mqtt")
        self._say = say
        self._boards: dict[str, tuple[Identity, bool]] = {}
        """Who was met under which name, and whether it is there."""
        self._first = threading.Event()
        self._refused = ""
        self._client = self._connect(address)

    def _connect(self, address: str) -> Any:
        host, port, tls, user, password = _split(address)
        client = self._paho.Client(
            self._paho.CallbackAPIVersion.VERSION2, client_id=f"earkit-{os.urandom(4).hex()}"
        )
        self._me = f"earkit/{slug(socket.gethostname())}/monitor"
        if user:
            client.username_pw_set(user, password)
        if tls:
            client.tls_set_context(ssl.create_default_context())
        client.will_set(self._me, _OFFLINE, qos=1, retain=True)
        client.max_queued_messages_set(WAITING)
        client.reconnect_delay_set(1, 30)
        client.on_connect, client.on_disconnect = self._connected, self._disconnected
        self._reach(client, host, port)
        return client

    def _reach(self, client: Any, host: str, port: int) -> None:
        try:
            client.connect(host, port, KEEPALIVE_SECONDS)
        except (OSError, ValueError) as error:
            raise EarkitError(f"no MQTT broker at {host}:{port}: {error}", "is it running?") from error
        client.loop_start()
        if not self._first.wait(FIRST_SECONDS) or self._refused:
            client.loop_stop()
            raise EarkitError(
                f"the MQTT broker at {host}:{port} refuses: {self._refused or 'no answer'}",
                "check user and password",
            )

    def _connected(self, client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._refused = str(reason)
            self._first.set()
            return
        client.publish(self._me, _ONLINE, qos=1, retain=True)
        for name, (identity, is_there) in list(self._boards.items()):
            self._announce(client, name, identity)
            self._available(client, name, is_there)
        if self._first.is_set():
            self._say("", "MQTT: connected again")
        self._first.set()

    def _disconnected(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure and self._first.is_set():
            self._say("", f"MQTT: the broker has gone ({reason}); waiting for it")

    def take(self, report: Report | None) -> None:
        if isinstance(report, Connected):
            self._boards[report.board] = (report.identity, True)
            self._announce(self._client, report.board, report.identity)
            self._available(self._client, report.board, True)
        elif isinstance(report, Gone) and report.board in self._boards:
            self._boards[report.board] = (self._boards[report.board][0], False)
            self._available(self._client, report.board, False)
        elif isinstance(report, Detection):
            payload = {"event_type": "heard", **facts(report)}
            try:
                self.publish(f"{self._base(report.board)}/{slug(report.label)}", json.dumps(payload))
            except EarkitError as error:
                self._say(report.board, error.message)

    def publish(self, topic: str, payload: str) -> None:
        """Send once, with acknowledgement; what the broker misses is sent when it is back."""
        result = self._client.publish(topic, payload, qos=1)
        if result.rc == self._paho.MQTT_ERR_QUEUE_SIZE:
            raise EarkitError("MQTT: the broker has been away too long, a detection is lost")

    def _base(self, name: str) -> str:
        identity = self._boards.get(name)
        return f"earkit/{slug((identity[0].id if identity else '') or name)}"

    def _available(self, client: Any, name: str, is_there: bool) -> None:
        client.publish(
            f"{self._base(name)}/availability", _ONLINE if is_there else _OFFLINE, qos=1, retain=True
        )

    def _announce(self, client: Any, name: str, identity: Identity) -> None:
        base = self._base(name)
        for label in words_of(identity.labels):
            place = f"homeassistant/event/{slug(_entity(base))}/{slug(label)}/config"
            client.publish(
                place, json.dumps(self._discovery(base, name, label, identity)), qos=1, retain=True
            )

    def _discovery(self, base: str, name: str, label: str, identity: Identity) -> dict[str, Any]:
        """Home Assistant's MQTT discovery of an event entity."""
        return {
            "name": label,
            "unique_id": f"{_entity(base)}_{slug(label)}",
            "state_topic": f"{base}/{slug(label)}",
            "event_types": ["heard"],
            "icon": "mdi:ear-hearing",
            "availability_mode": "all",
            "availability": [{"topic": f"{base}/availability"}, {"topic": self._me}],
            "device": {
                "identifiers": [_entity(base)],
                "name": f"Earkit {name}",
                "manufacturer": "Earkit",
                "model": f"{identity.board}, {identity.model}",
                "sw_version": identity.firmware,
            },
            "origin": {"name": "earkit", "sw_version": __version__},
        }

    def close(self) -> None:
        for name in self._boards:
            self._available(self._client, name, False)
        self._client.publish(self._me, _OFFLINE, qos=1, retain=True).wait_for_publish(2)
        self._client.disconnect()
        self._client.loop_stop()


def _split(address: str) -> tuple[str, int, bool, str, str]:
    """(host, port, whether TLS, user, password)."""
    parts = urlsplit(address if "://" in address else f"mqtt://{address}")
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or port == 0:
        raise EarkitError(f"{address} is no MQTT broker", "give HOST, HOST:PORT or mqtts://USER@HOST")
    tls = parts.scheme == "mqtts"
    password = parts.password or os.environ.get("EARKIT_MQTT_PASSWORD", "")
    return parts.hostname, port or (TLS_PORT if tls else PORT), tls, parts.username or "", password

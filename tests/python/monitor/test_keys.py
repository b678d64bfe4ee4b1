"""Keys pressed on a real X server, seen by a window that has the focus."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from earkit.errors import EarkitError
from earkit.monitor.actions import Actions
from earkit.monitor.rules import parse

pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")
pytest.importorskip("Xlib", reason="the keys extra is not installed")


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    near, far = os.pipe()
    command = ["Xvfb", "-displayfd", str(far), "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[far], stderr=subprocess.DEVNULL)
    os.close(far)
    with os.fdopen(near) as said:
        name = f":{said.readline().strip()}"
    monkeypatch.setenv("DISPLAY", name)
    yield name
    server.terminate()
    server.wait()


WATCHER = """
from Xlib import X, XK, display
shown = display.Display()
screen = shown.screen()
window = screen.root.create_window(0, 0, 50, 50, 0, screen.root_depth, event_mask=X.KeyPressMask)
window.map()
shown.sync()
window.set_input_focus(X.RevertToParent, X.CurrentTime)
shown.sync()
print("ready", flush=True)
while True:
    event = shown.next_event()
    if event.type == X.KeyPress:
        name = XK.keysym_to_string(shown.keycode_to_keysym(event.detail, 0))
        print(name or event.detail, event.state, flush=True)
"""
PRESS = """
import sys
from earkit.monitor.actions import Actions
from earkit.monitor.rules import parse
from monitor_peers import heard
actions = Actions([parse("yes=key:ctrl+alt+t")], lambda *said: print(*said))
actions.take(heard())
actions.close()
"""


@pytest.mark.usefixtures("screen")
def test_a_chord_reaches_the_window() -> None:
    watcher = subprocess.Popen([sys.executable, "-c", WATCHER], stdout=subprocess.PIPE, text=True)
    try:
        assert watcher.stdout and watcher.stdout.readline() == "ready\n"
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
        command = [sys.executable, "-c", PRESS]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        seen = [watcher.stdout.readline().split()]
        while seen[-1][:1] != ["t"] and seen[-1]:
            seen.append(watcher.stdout.readline().split())
    finally:
        watcher.kill()
        watcher.wait()
    name, state = seen[-1]
    assert name == "t" and int(state) & 4 and int(state) & 8, seen  # Control and Alt are held


def test_without_a_screen_it_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    script = (
        "from earkit.monitor.actions import Actions; from earkit.monitor.rules import parse\n"
        "Actions([parse('a=key:x')], print)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=240)
    assert "no keyboard can be pressed here; it needs a desktop session" in done.stderr


@pytest.mark.usefixtures("screen")
def test_unknown_keys_are_one_line() -> None:
    with pytest.raises(EarkitError, match="there is no key hyper"):
        Actions([parse("yes=key:hyper+x")], lambda *_: None)

"""The pictures of docs/monitor.md: terminal and page while a simulated board hears words.

    .venv/bin/python scripts/monitor_pictures.py yes.wav no.wav yes.wav

Needs Chromium. Expected: monitor-terminal.png, monitor-page.png and monitor-phone.png in docs/images, each of
a few ten kB.
"""

import io
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright
from rich.console import Console

from earkit.audio import clips
from earkit.audio.room import in_quiet_room
from earkit.device.ports import open_port
from earkit.monitor.console import Panels
from earkit.monitor.reports import Detection
from earkit.monitor.watch import Line, watch
from earkit.simulator.serve import served
from earkit.spotter.image import build_image

FOLDER = Path(__file__).parents[1] / "docs" / "images"
WIDTH = 92
COLOURS = 128
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


def terminal_svg(wavs: list[str]) -> str:
    """What the terminal shows in the middle of the last word."""
    panels = Panels(Console(record=True, width=WIDTH, force_terminal=True, quiet=True))
    sound = in_quiet_room([clips.read(Path(wav)).samples for wav in wavs])
    with served(build_image(), sound) as port:
        line = Line("sim", lambda: open_port(port), ("scores", "audio"), health_seconds=2.0)
        left = len(wavs)
        for report in watch(line):
            panels.take(report)
            left -= isinstance(report, Detection)
            if left <= 0:
                line.stop.set()
    with io.StringIO() as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere)
        console.print(panels.picture())
        return console.export_svg(title="earkit monitor sim")


def take(browser: Any, url: str, name: str, width: int, height: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(".state.connected")
    page.wait_for_timeout(6000)
    save(page, name)
    context.close()


def save(page: Any, name: str) -> None:
    file = FOLDER / f"{name}.png"
    page.screenshot(path=str(file), full_page=True)
    with Image.open(file) as picture:
        picture.convert("RGB").quantize(COLOURS).save(file, optimize=True)
    print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB")


def main(wavs: list[str]) -> None:
    svg = terminal_svg(wavs)
    command = [sys.executable, "-u", "-m", "earkit", "monitor", "sim", "--web", *wavs * 8]
    monitor = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert monitor.stderr
    url = next(found[1] for line in monitor.stderr if (found := re.search(r"the page is (\S+)", line)))
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1130, "height": 200})
            page.set_content(f'<body style="margin:0">{svg}</body>')
            save(page, "monitor-terminal")
            time.sleep(12)
            take(browser, url, "monitor-page", 1000, 1100, "light")
            take(browser, url, "monitor-phone", 390, 800, "dark")
            browser.close()
    finally:
        monitor.terminate()
        monitor.wait()


if __name__ == "__main__":
    main(sys.argv[1:])

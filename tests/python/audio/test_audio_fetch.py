"""Fetching a data set from a server that breaks off, lies, or is not there."""

import hashlib
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from earkit.audio import fetch
from earkit.audio.fetch import Archive
from earkit.errors import DataError


def tar_of(files: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return raw.getvalue()


CONTENT = tar_of({"./yes/a_nohash_0.wav": bytes(range(256)) * 2000, "./testing_list.txt": b""})


class Server(HTTPServer):
    breaks_after: int | None = None
    """Bytes of an answer after which the connection ends."""
    asked: list[str | None]
    ranges = True


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        start = int(wanted.split("=")[1].rstrip("-")) if wanted and self.server.ranges else 0
        if start >= len(CONTENT):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        self.wfile.write(CONTENT[start:][: self.server.breaks_after])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        running.asked = []
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def archive(server: Server, content: bytes = CONTENT) -> Archive:
    url = f"http://127.0.0.1:{server.server_port}/set.tar.gz"
    return Archive(url, hashlib.sha256(content).hexdigest())


def test_an_interrupted_download_goes_on(server: Server, tmp_path: Path) -> None:
    server.breaks_after = 1000
    with pytest.raises(DataError, match="goes on where it was"):
        fetch.download(archive(server), tmp_path)
    assert (tmp_path / "set.tar.gz.part").stat().st_size == 1000
    server.breaks_after = None
    file = fetch.download(archive(server), tmp_path)
    assert server.asked == [None, "bytes=1000-"] and file.read_bytes() == CONTENT
    fetch.download(archive(server), tmp_path)
    assert len(server.asked) == 2  # it is there


def test_a_server_without_ranges_starts_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "set.tar.gz.part").write_bytes(CONTENT[:1000])
    server.ranges = False
    assert fetch.download(archive(server), tmp_path).read_bytes() == CONTENT


def test_a_part_that_is_all(server: Server, tmp_path: Path) -> None:
    (tmp_path / "set.tar.gz.part").write_bytes(CONTENT)
    assert fetch.download(archive(server), tmp_path).read_bytes() == CONTENT


def test_what_is_not_what_was_published_is_thrown_away(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not what was published"):
        fetch.download(archive(server, b"another"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_network(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot fetch http://127\.0\.0\.1:1/x: .*--dir") as caught:
        fetch.download(Archive("http://127.0.0.1:1/x", ""), tmp_path)
    assert "\n" not in str(caught.value)


def test_unpacks_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "set.tar.gz").write_bytes(CONTENT)
    fetch.unpack(tmp_path / "set.tar.gz", tmp_path / "set")
    assert (tmp_path / "set/yes/a_nohash_0.wav").stat().st_size == 512_000
    (tmp_path / "cut.tar.gz").write_bytes(CONTENT[: len(CONTENT) // 2])
    with pytest.raises(DataError, match="not a whole archive"):
        fetch.unpack(tmp_path / "cut.tar.gz", tmp_path / "cut")
    middle = len(CONTENT) // 2
    damaged = CONTENT[:middle] + bytes(200) + CONTENT[middle + 200 :]
    (tmp_path / "cut.tar.gz").write_bytes(damaged)
    with pytest.raises(DataError, match="not a whole archive"):
        fetch.unpack(tmp_path / "cut.tar.gz", tmp_path / "cut")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.tar.gz", "set", "set.tar.gz"]
    with pytest.raises(DataError, match="exists already"):
        fetch.unpack(tmp_path / "set.tar.gz", tmp_path / "set")


def test_a_zip_with_one_folder_on_top(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "mini.zip", "w") as packed:
        packed.writestr("mini_speech_commands/yes/a.wav", b"x")
        packed.writestr("__MACOSX/yes/a.wav", b"y")
    fetch.unpack(tmp_path / "mini.zip", tmp_path / "mini")
    assert [path.name for path in (tmp_path / "mini").iterdir()] == ["yes"]


def test_nothing_leaves_the_folder(tmp_path: Path) -> None:
    (tmp_path / "evil.tar.gz").write_bytes(tar_of({"../outside": b"x"}))
    with pytest.raises(DataError):
        fetch.unpack(tmp_path / "evil.tar.gz", tmp_path / "set")
    assert not (tmp_path / "outside").exists()

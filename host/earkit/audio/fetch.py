"""Bring a public data set onto this computer: resumable, checked, whole or not at all."""

import gzip
import hashlib
import http.client
import shutil
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from earkit import paths
from earkit.errors import DataError
from earkit.progress import Progress, silent

_BLOCK = 1 << 16
_TIMEOUT = 30.0
_HOST = "https://storage.googleapis.com/download.tensorflow.org/data/"


@dataclass(frozen=True)
class Archive:
    url: str
    sha256: str


ARCHIVES = {
    "v0.02": Archive(
        _HOST + "speech_commands_v0.02.tar.gz",
        "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
    ),
    "mini": Archive(
        _HOST + "mini_speech_commands.zip",
        "49650f2341b26d886b46b3f4fb8fed59e30300b17550f1ee4a768b3106cf93a0",
    ),
}
"""Google's Speech Commands: all of it (2.3 GB), and a thousand clips of eight words each (182 MB)."""


def fetch(name: str, out: Path | None = None, progress: Progress = silent) -> Path:
    """The folder of a data set of ARCHIVES, `out` or a place in the cache, filled where it is not there yet.

    A download that was interrupted goes on where it was. Raises DataError when the network fails or what
    came is not what was published.
    """
    folder = out or paths.cache("data") / name
    if not folder.is_dir():
        archive = ARCHIVES[name]
        unpack(download(archive, paths.cache("downloads"), progress), folder, progress)
    return folder


def unpacked(archive: Path, folder: Path, progress: Progress = silent) -> Path:
    """`folder`, filled from a copy of an archive that a person has already."""
    unpack(archive, folder, progress)
    return folder


def download(archive: Archive, folder: Path, progress: Progress = silent) -> Path:
    """The archive's file in `folder`, complete and checked. Raises DataError."""
    file = folder / archive.url.rpartition("/")[2]
    if not file.is_file():
        part = file.with_name(file.name + ".part")
        try:
            _append(archive.url, part, progress)
        except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
            reason = getattr(error, "reason", None) or str(error) or type(error).__name__
            raise DataError(
                f"cannot fetch {archive.url}: {reason}",
                "try again, it goes on where it was; or give a copy with --dir",
            ) from error
        _check(part, archive.sha256, progress)
        part.replace(file)
    return file


def unpack(archive: Path, folder: Path, progress: Progress = silent) -> None:
    """Unpack into a new `folder`, whole or not at all; a single folder at the archive's top is left out.

    Raises DataError when the archive is damaged or the folder exists.
    """
    if folder.exists():
        raise DataError(f"{folder} exists already", "remove it or choose another place")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        progress("unpacking", 0, 1)
        _extract(archive, draft)
        inside = [path for path in draft.iterdir() if not path.name.startswith("__MACOSX")]
        top = inside[0] if len(inside) == 1 and inside[0].is_dir() else draft
        draft.chmod(0o755)
        top.rename(folder)
        progress("unpacking", 1, 1)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _extract(archive: Path, folder: Path) -> None:
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as packed:
                packed.extractall(folder)
        else:
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")
                while tar.fileobj.read(_BLOCK):
                    pass  # to the end, where gzip's checksum is: tarfile takes a bad header for it
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, gzip.BadGzipFile, EOFError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(f"{archive} is not a whole archive: {reason}", "fetch it again") from error


def _append(url: str, part: Path, progress: Progress) -> None:
    """Fetch what `part` lacks of the file at `url`."""
    have = part.stat().st_size if part.is_file() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        response = urllib.request.urlopen(request, timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # all of it is here
        raise
    with response, part.open("ab") as out:
        if response.status != http.HTTPStatus.PARTIAL_CONTENT:
            have = 0
            out.truncate(0)
        total = have + int(response.headers.get("Content-Length", 0))
        while block := response.read(_BLOCK):
            out.write(block)
            have += len(block)
            progress("fetching (MB)", have >> 20, max(total, have) >> 20)
    if have < total:
        raise ConnectionError(f"the connection ended after {have:,} of {total:,} bytes")


def _check(part: Path, sha256: str, progress: Progress) -> None:
    progress("checking", 0, 1)
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    progress("checking", 1, 1)
    if found != sha256:
        part.unlink()
        raise DataError(f"{part.name} is not what was published: its SHA-256 is {found}", "fetch it again")

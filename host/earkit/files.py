"""Files that are either whole or not there."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from earkit.errors import EarkitError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it to `path` when the block succeeds.

    On any error, Ctrl-C included, the temporary file is removed and `path` stays as it was. An
    OSError (disk full, no permission) becomes an EarkitError that names `path`.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        temporary.chmod(0o644)
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise EarkitError(
            f"cannot write {path}: {error.strerror or error}", "free some room or choose another place"
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8 with `\\n` line ends, whole or not at all."""
    write_bytes(path, text.encode())


def exists(path: Path) -> bool:
    """Whether there is such a file or folder; False for a name that none can have."""
    try:
        return path.exists()
    except OSError:
        return False


def size_of(path: Path) -> int:
    """Bytes in the files at and below `path`."""
    found = [path] if not path.is_dir() or path.is_symlink() else path.rglob("*")
    return sum(file.lstat().st_size for file in found if not file.is_dir() or file.is_symlink())


def remove(path: Path) -> int:
    """Delete `path`, links themselves and not what they lead to. Returns the bytes freed.

    Raises EarkitError when it cannot.
    """
    freed = size_of(path)
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as error:
        raise EarkitError(f"cannot remove {error.filename}: {error.strerror}", "remove it by hand") from error
    return freed

"""Where things lie: the kit (firmware, models, platformio.ini) and the caches."""

from pathlib import Path

import platformdirs

from earkit.errors import EarkitError


def kit() -> Path:
    """The folder that holds `firmware/`, `models/` and `platformio.ini`.

    In a checkout it is the checkout; in an installed wheel it is `earkit/kit`. Never written to.
    """
    package = Path(__file__).parent
    bundled = package / "kit"
    return bundled if bundled.is_dir() else package.parents[1]


def cache(*parts: str) -> Path:
    """A folder below the user's cache folder for Earkit, made when missing. Raises EarkitError."""
    folder = platformdirs.user_cache_path("earkit").joinpath(*parts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EarkitError(
            f"cannot make the cache folder {folder}: {error.strerror}",
            "mend that, or name another place in XDG_CACHE_HOME",
        ) from error
    return folder


def is_checkout() -> bool:
    """Whether this is a source checkout, whose code may change from one call to the next."""
    return kit() != Path(__file__).parent / "kit"

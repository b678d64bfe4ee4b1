"""A link that boards are plugged into."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from monitor_peers import EARKIT, Peer


@pytest.fixture
def link(tmp_path: Path) -> Path:
    """A name for the port that stays while boards come and go."""
    return tmp_path / "port"


@pytest.fixture
def plug(link: Path) -> Iterator[Callable[..., Peer]]:
    """Plug a peer in at `link`, in the place of the one before."""
    peers: list[Peer] = []

    def new(answers: dict[bytes, bytes] = EARKIT) -> Peer:
        with suppress(FileNotFoundError):
            link.unlink()
        peers.append(Peer(answers))
        link.symlink_to(peers[-1].name)
        return peers[-1]

    yield new
    for peer in peers:
        peer.unplug()

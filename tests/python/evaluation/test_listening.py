import numpy as np

from earkit.evaluation.listening import arrange, score
from earkit.spotter.heard import Heard

QUIET = np.zeros(16000, np.int16)
LOUD = np.full(16000, 30000, np.int16)


def test_clips_lie_where_the_playlist_says() -> None:
    playlist = arrange([("yes", "a", LOUD), ("no", "b", LOUD)], QUIET, lead=2.0, pause=1.5)
    assert [(clip.start, clip.end) for clip in playlist.spoken] == [(2.0, 3.0), (4.5, 5.5)]
    assert playlist.seconds == 7.0
    sounding = np.flatnonzero(playlist.samples) / 16000
    assert sounding.min() == 2.0
    assert sounding.max() < 5.5
    assert not ((sounding >= 3.0) & (sounding < 4.5)).any()


def test_background_goes_on_under_clips_and_saturates() -> None:
    playlist = arrange([("yes", "a", LOUD)], LOUD)
    assert playlist.samples.max() == 32767
    assert playlist.samples[0] == 30000


def test_right_missed_false_double_and_wrong() -> None:
    clips = [("yes", "a", LOUD), ("no", "b", LOUD), ("bed", "c", LOUD), ("yes", "d", LOUD)]
    playlist = arrange(clips, QUIET, lead=2.0, pause=1.5)
    heard = [
        Heard("yes", 210, 2800),  # right
        Heard("yes", 210, 3500),  # the same word twice
        Heard("yes", 210, 5000),  # wrong word
        Heard("no", 220, 8000),  # while `bed` sounds
    ]
    result = score(playlist, heard, ["yes", "no"])
    assert result.played == {"yes": 2, "no": 1}
    assert result.heard == {"yes": 1, "no": 0}
    assert [clip.name for clip in result.missed] == ["b", "d"]
    assert result.false == heard[1:]
    assert result.share_heard == 1 / 3


def test_too_late_is_missed_and_false() -> None:
    playlist = arrange([("yes", "a", LOUD)], QUIET)
    result = score(playlist, [Heard("yes", 255, 4100)], ["yes"])
    assert (result.heard["yes"], len(result.false)) == (0, 1)

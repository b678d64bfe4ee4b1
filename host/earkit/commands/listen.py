"""earkit listen: what `earkit monitor` does, on this computer's own microphone or on recordings."""

import threading
from collections.abc import Iterable

from earkit.audio import clips, microphone
from earkit.audio.clips import Samples
from earkit.audio.room import in_quiet_room
from earkit.commands._grammar import Given, model_and_sounds, subcommand
from earkit.commands._watching import Screen, outputs
from earkit.monitor.sources import EAR, ear_source, in_real_time, make_ear


@subcommand("listen", "earkit listen", "earkit listen yes_no yes.wav --json")
@model_and_sounds()
@outputs
def command(screen: Screen, given: Given) -> None:
    """Hear words by this computer's microphone, or in recordings.

    Front end, MODEL and recogniser are the board's own. With SOUND, WAV or FLAC files, it hears these
    instead of the microphone.
    """
    ear = make_ear(given.model)
    sounds = [clips.read(path).samples for path in given.sounds]

    def pieces(stop: threading.Event) -> Iterable[Samples]:
        return in_real_time(in_quiet_room(sounds), stop) if sounds else microphone.pieces(stop)

    def set_(_board: str, name: str, value: int, _keep: bool) -> None:
        ear.set(name, value)

    screen.watch({EAR: ear_source(ear, pieces)}, set_)

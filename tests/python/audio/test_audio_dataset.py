"""The Speech Commands layout: words, splits by speaker, and what a user can get wrong."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from earkit.audio import clips, dataset, recordings
from earkit.audio.dataset import SPLITS
from earkit.errors import DataError

SPEAKERS = [f"{number:08x}" for number in range(40)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """40 speakers say yes, no, go and up, each clip its own constant, half of them short."""
    value = 0
    for word in ("yes", "no", "go", "up"):
        for speaker in SPEAKERS:
            value += 1
            length = 16000 if value % 2 else 9000
            clips.write(tmp_path / word / f"{speaker}_nohash_0.wav", np.full(length, value, np.int16))
    return tmp_path


def speakers(split: dataset.Split) -> set[str]:
    return set(map(dataset.speaker_of, split.names))


def test_labels_and_samples_belong_together(folder: Path) -> None:
    data = dataset.read(folder, ("no", "yes"))
    assert data.labels == ("silence", "unknown", "no", "yes")
    assert data.skipped == ()
    for split in (data.training, data.validation, data.testing):
        for name, samples, label, word in zip(
            split.names, split.samples, split.labels, split.words(), strict=True
        ):
            assert (samples.shape, samples.dtype) == ((16000,), np.int16)
            assert word == name.split("/")[0]
            assert data.labels[label] == (word if word in ("yes", "no") else "unknown")
            whole = clips.read(folder / name).samples
            assert samples[8000] == whole[0] and np.count_nonzero(samples) == len(whole)


def test_hash_rule_is_the_official_one() -> None:
    """Written after the formula in Warden's paper, with integers where the code has floats."""
    for speaker in SPEAKERS:
        bucket = int(hashlib.sha1(speaker.encode()).hexdigest(), 16) % (1 << 27)
        expected = "validation" if 10 * bucket < (1 << 27) - 1 else "training"
        if expected == "training" and 5 * bucket < (1 << 27) - 1:
            expected = "testing"
        assert dataset.split_by_hash(f"yes/{speaker}_nohash_3.wav") == expected


def test_hash_rule_agrees_with_the_official_lists(speech_commands: Path) -> None:
    for file, split in (("validation_list.txt", "validation"), ("testing_list.txt", "testing")):
        for name in (speech_commands / file).read_text().split():
            assert dataset.split_by_hash(name) == split, name


def test_no_speaker_is_in_two_splits(folder: Path) -> None:
    data = dataset.read(folder, ("yes", "no"))
    parts = [speakers(getattr(data, split)) for split in SPLITS]
    assert all(parts) and sum(map(len, parts)) == len(SPEAKERS) == len(set.union(*parts))


def test_lists_rule_and_name_flac_files_too(folder: Path) -> None:
    for path in list(folder.glob("*/*.wav"))[::3]:
        path.rename(path.with_suffix(".flac"))  # libsndfile goes by content
    held_out = {"validation": SPEAKERS[:3], "testing": SPEAKERS[3:8]}
    for split, names in held_out.items():
        lines = [f"{word}/{name}_nohash_0.wav" for word in ("yes", "no", "go", "up") for name in names]
        (folder / f"{split}_list.txt").write_text("\n".join(lines) + "\n")
    data = dataset.read(folder, ("yes", "no"))
    assert speakers(data.validation) == set(SPEAKERS[:3])
    assert speakers(data.testing) == set(SPEAKERS[3:8])
    assert speakers(data.training) == set(SPEAKERS[8:])


def test_noise_is_cut_between_the_splits(folder: Path) -> None:
    noise = np.arange(20000, dtype=np.int16)
    clips.write(folder / "_background_noise_" / "a.wav", noise)
    data = dataset.read(folder, ("yes", "no"))
    parts = [getattr(data, split).noise for split in SPLITS]
    assert [len(part) for part in parts] == [1, 1, 1]
    np.testing.assert_array_equal(np.concatenate([part[0] for part in parts]), noise)


def test_without_noise_recordings_there_is_noise_all_the_same(folder: Path) -> None:
    data = dataset.read(folder, ("yes", "no"))
    for split in SPLITS:
        assert all(len(noise) >= 16000 and noise.std() > 100 for noise in getattr(data, split).noise)


def test_broken_files_are_named_and_left_out(folder: Path) -> None:
    (folder / "yes" / f"{SPEAKERS[0]}_nohash_0.wav").write_bytes(b"no sound")
    (folder / "go" / f"{SPEAKERS[1]}_nohash_0.wav").write_bytes(b"")
    data = dataset.read(folder, ("yes", "no"))
    assert len(data.skipped) == 2
    assert sum("yes" in line and "go" in line for line in data.skipped) == 0
    assert sum(len(getattr(data, split).names) for split in SPLITS) == 158


@pytest.mark.parametrize(
    "words", [("yes", "maybe"), ("yes", "yes"), (), ("unknown",), ("yes", "no", "go", "up")]
)
def test_words_that_cannot_be_learnt(folder: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(DataError) as caught:
        dataset.read(folder, words)
    assert "\n" not in str(caught.value)


def test_too_few_clips_of_a_word(folder: Path) -> None:
    for path in list((folder / "no").iterdir())[9:]:
        path.unlink()
    with pytest.raises(DataError, match="9 recordings of 'no'"):
        dataset.read(folder, ("yes", "no"))


def test_a_split_without_speakers(folder: Path) -> None:
    (folder / "testing_list.txt").write_text("yes/1_nohash_0.wav\n")
    with pytest.raises(DataError, match="no readable validation clip"):
        dataset.read(folder, ("yes", "no"))


def test_no_folder_and_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no data set"):
        dataset.read(tmp_path / "nowhere", ("yes",))
    with pytest.raises(DataError, match="holds no recordings"):
        dataset.read(tmp_path, ("yes",))


def test_extended_keeps_the_held_out_speakers(folder: Path) -> None:
    data = dataset.read(folder, ("yes", "no"))
    both = dataset.extended(data, data)
    assert len(both.training.names) == 2 * len(data.training.names) == len(both.training.samples)
    assert both.validation is data.validation and both.testing is data.testing
    with pytest.raises(DataError):
        dataset.extended(data, dataset.read(folder, ("no", "yes")))


def test_thinned_keeps_a_share_of_the_training_speakers(folder: Path) -> None:
    data = dataset.read(folder, ("yes", "no"))
    half = dataset.thinned(data, 0.5)
    assert speakers(half.training) < speakers(data.training)
    assert 0.2 < len(speakers(half.training)) / len(speakers(data.training)) < 0.8
    assert len(half.training.names) == 4 * len(speakers(half.training))  # with all that they say
    assert (
        half.validation is data.validation
        and dataset.thinned(data, 1.0).training.names == data.training.names
    )


def test_held_out_is_both_groups(folder: Path) -> None:
    data = dataset.read(folder, ("yes", "no"))
    both = dataset.held_out(data)
    assert speakers(both) == speakers(data.validation) | speakers(data.testing)
    assert len(both.labels) == len(both.samples) == len(both.names)


def test_own_recordings_go_into_training_and_count(folder: Path, tmp_path: Path) -> None:
    data = dataset.read(folder, ("yes", "no"))
    own = tmp_path / "own"
    for number in range(3):
        clips.write(own / f"yes/me {number}.wav", np.full(12000, 7000 + number, np.int16))
    clips.write(own / "hello/me.wav", np.full(12000, 9000, np.int16))
    (own / "yes/broken.wav").write_text("no sound")
    read = recordings.read(own, data.labels)
    more = recordings.beside(data, read.takes)
    mine = [i for i, name in enumerate(more.training.names) if "me" in name]
    labels = more.training.labels[mine].tolist()
    spoken = int((data.training.labels == 2).sum())
    assert labels.count(2) >= 0.2 * (spoken + labels.count(2)) and labels.count(2) % 3 == 0
    assert labels.count(1) > 0 and labels.count(3) == 0
    assert more.validation is data.validation and more.testing is data.testing
    assert len(read.skipped) == 1 and "broken" in read.skipped[0]
    clips.write(tmp_path / "other/hello/me.wav", np.full(12000, 9000, np.int16))
    with pytest.raises(DataError, match="no recording of yes, no"):
        recordings.read(tmp_path / "other", data.labels)


def test_one_own_take_in_five_of_each_word_is_kept_back(tmp_path: Path) -> None:
    for word, takes in (("yes", 12), ("hello", 4)):
        for number in range(takes):
            clips.write(tmp_path / f"{word}/me {number}.wav", np.full(12000, 7000 + number, np.int16))
    read = recordings.read(tmp_path, ("silence", "unknown", "yes", "no"))
    taught, kept = recordings.kept_back(read.takes)
    assert not set(taught.names) & set(kept.names)
    assert set(taught.names) | set(kept.names) == set(read.takes.names)
    assert kept.words() == ("yes", "yes") and kept.labels.tolist() == [2, 2]
    for name, samples in zip(kept.names, kept.samples, strict=True):
        assert (samples == read.takes.samples[read.takes.names.index(name)]).all()


def test_files_that_do_not_say_who_speaks_are_counted(folder: Path) -> None:
    assert dataset.read(folder, ("yes", "no")).nameless == 0
    clips.write(folder / "yes/take 1.wav", np.full(16000, 5, np.int16))
    assert dataset.read(folder, ("yes", "no")).nameless == 1


def test_a_word_with_three_clips_and_one_speaker_only(folder: Path, tmp_path: Path) -> None:
    for number in range(3):
        clips.write(folder / f"lumos/{SPEAKERS[number]}_nohash_0.wav", np.full(16000, 5, np.int16))
    with pytest.raises(DataError, match="3 recordings of 'lumos', 10 are the least"):
        dataset.read(folder, ("lumos", "yes"))
    for number in range(12):
        for word in ("yes", "bed"):
            clips.write(tmp_path / f"one/{word}/me_nohash_{number}.wav", np.full(16000, 5, np.int16))
    with pytest.raises(DataError, match=r"no readable .* clip of yes; record more speakers"):
        dataset.read(tmp_path / "one", ("yes",))


def test_a_speaker_in_two_splits_is_refused(folder: Path) -> None:
    names = [f"{word}/{speaker}_nohash_0.wav" for word in ("yes", "no", "go", "up") for speaker in SPEAKERS]
    (folder / "validation_list.txt").write_text(
        "\n".join(n for n in names if SPEAKERS[0] in n or SPEAKERS[1] in n)
    )
    testing = [name for name in names if SPEAKERS[2] in name] + [f"yes/{SPEAKERS[3]}_nohash_0.wav"]
    (folder / "testing_list.txt").write_text("\n".join(testing))
    with pytest.raises(DataError, match=f"in more than one split: {SPEAKERS[3]}; mend"):
        dataset.read(folder, ("yes", "no"))

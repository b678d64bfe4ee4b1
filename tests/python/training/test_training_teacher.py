"""The teacher hears well, never repeats what it learnt by heart, and is listened to."""

from dataclasses import replace

import numpy as np
import pytest

from earkit.audio.dataset import Dataset

pytest.importorskip("tensorflow", reason="the train extra is not installed")
pytest.importorskip("pyopen_wakeword", reason="the train extra is not installed")

from earkit.training import embedding, examples, recipe, teacher
from earkit.training.epoch import folded
from earkit.training.fit import gather
from earkit.training.settings import Augmentation, FitSettings
from earkit.training.streams import LENGTH, TOP, Streams

SETTINGS = FitSettings(
    epochs=2,
    windows=1024,
    passes=1,
    medley=0.25,
    teacher=0.9,
    seed=3,
    augmentation=Augmentation(cut=0.2, reverb=0.3),
)


@pytest.fixture(scope="module")
def clips(language: Dataset) -> Streams:
    return examples.make(language.training, seed=0, embedded=True)


def test_embeddings_move_with_the_sound() -> None:
    rng = np.random.default_rng(1)
    sound = np.zeros((1, LENGTH), np.int16)
    sound[0, 16000:32000] = rng.normal(0, 3000, 16000)
    found = embedding.embed(np.concatenate([sound, np.roll(sound, 1280, axis=1)])).astype(float)
    assert found.shape == (2, 37, 96)
    apart = np.abs(found[0, 15:20] - found[1, 16:21]).mean()  # those that hear the sound alone
    assert apart < 0.05 * np.abs(found[0, 15:20] - found[1, 15:20]).mean()


def test_every_window_has_its_context() -> None:
    first = embedding.first_around(np.arange(TOP + 1))
    assert first.min() >= 0 and first.max() + embedding.CONTEXT <= 37


def test_it_knows_speakers_whom_it_never_heard(clips: Streams) -> None:
    taught = teacher.teach(clips, 4, SETTINGS)
    assert set(taught.folds.values()) == {0, 1, 2, 3}
    answers = taught.answers(clips)
    assert answers.shape == (len(clips.labels), 26, 4) and answers.dtype == np.float16
    np.testing.assert_allclose(answers.astype(float).sum(axis=2), 1, atol=0.01)
    everybody = np.arange(len(clips.labels))
    said = teacher.at(answers, everybody, clips.middle).argmax(axis=1)
    assert (said == clips.labels)[clips.labels > 0].mean() > 0.7  # chance is a third


def test_what_it_says_of_a_speaker_does_not_depend_on_that_speaker(clips: Streams) -> None:
    short = replace(SETTINGS, windows=512)
    someone = str(clips.speakers[clips.labels > 0][0])
    honest = teacher.teach(clips, 4, short)
    lied = replace(clips, kinds=np.where(clips.speakers == someone, (clips.kinds % 3) + 1, clips.kinds))
    deceived = teacher.teach(lied, 4, short)
    theirs = clips.speakers == someone
    np.testing.assert_allclose(honest.answers(clips)[theirs], deceived.answers(clips)[theirs], atol=0.02)


def test_a_word_that_one_speaker_says_is_learnt_by_all_networks(clips: Streams) -> None:
    lonely = replace(clips, speakers=np.where(clips.labels == 3, "somebody", clips.speakers))
    taught = teacher.teach(lonely, 4, replace(SETTINGS, windows=256))
    assert len(taught.networks) == 4 and np.isfinite(taught.answers(lonely).astype(float)).all()


def test_a_label_outweighs_a_teacher_that_is_not_sure() -> None:
    truth = np.eye(4, dtype=np.float32)[[2, 2, 2]]
    answers = np.array([[0, 0.1, 0.3, 0.6], [0, 0, 0.01, 0.99], [0, 0, 0, 1]], np.float32)
    weighed = teacher.weighed(answers, truth, doubt=0.1)
    assert weighed.argmax(axis=1).tolist() == [2, 3, 3]
    np.testing.assert_allclose(weighed[0], np.array([0, 0.01, 0.3, 0.06]) / 0.37, atol=1e-6)
    np.testing.assert_allclose(teacher.weighed(answers, truth, doubt=1.0), answers, atol=1e-6)
    np.testing.assert_allclose(teacher.weighed(answers[:2], truth[:2], doubt=0.0), truth[:2], atol=1e-6)


def test_other_words_in_plenty_are_kinds(language: Dataset) -> None:
    assert examples.told_apart(language.training) == ()
    names = tuple(name.replace("hiss", "puff") for name in language.training.names[:60])
    many = replace(language.training, names=(names + language.training.names[60:]))
    many = replace(
        many,
        names=many.names[:60] * 2 + many.names[60:],
        samples=np.concatenate([many.samples[:60], many.samples]),
        labels=np.concatenate([many.labels[:60], many.labels]),
    )
    assert examples.told_apart(many) == ("puff",)
    streams = examples.make(many, seed=0, apart=("puff",))
    assert set(streams.kinds[streams.labels == 1]) == {4}
    targets = np.eye(5, dtype=np.float32)
    assert folded(targets, 4)[4].tolist() == [0, 1, 0, 0]


def test_a_model_that_is_taught_learns_and_repeats(language: Dataset) -> None:
    once, again = (recipe.train(language, "tiny_conv", SETTINGS) for _ in range(2))
    alone = recipe.train(language, "tiny_conv", replace(SETTINGS, teacher=0.0))
    assert once.tflite == again.tflite != alone.tflite
    heard = once.trained.teacher
    assert heard is not None and alone.trained.teacher is None
    assert heard.sum(axis=1).tolist() == once.confusion.sum(axis=1).tolist()
    assert (heard.diagonal() / heard.sum(axis=1)).mean() > 0.6  # chance is a quarter
    assert "its teacher" in once.summary and "its teacher" not in alone.summary


def test_medleys_need_a_teacher(language: Dataset) -> None:
    assert gather(language, SETTINGS).medleys is not None
    assert gather(language, replace(SETTINGS, teacher=0.0)).medleys is None

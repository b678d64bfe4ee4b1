"""Train a model on a data set."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from earkit.audio.dataset import Dataset
from earkit.progress import Progress, silent
from earkit.training import backend, confusion, examples, models, teacher
from earkit.training.checkpoint import Checkpoint, State
from earkit.training.confusion import Confusion
from earkit.training.epoch import Material, Source, Targets, Windows, folded, real
from earkit.training.settings import Augmentation, FitSettings
from earkit.training.streams import Streams
from earkit.training.teacher import Teacher

_MINUTES = 400
"""Of running speech."""
_MEDLEYS, _MEDLEYS_A_CLIP = 12000, 3
"""Of three seconds; at most so many, and at most so many for each clip."""
_JUDGED = 4096
"""Windows of the validation speakers by which the epochs are compared."""


@dataclass(frozen=True)
class Trained:
    model: Any
    """keras.Model with the weights of the epoch that was best on the validation speakers"""
    name: str
    labels: tuple[str, ...]
    history: dict[str, list[float]] = field(repr=False)
    """Per epoch: loss and accuracy in training, val_loss and val_accuracy on the validation speakers."""
    validation: Streams = field(repr=False)
    """The validation speakers' clips in surroundings, for quantising and judging."""
    teacher: Confusion | None
    """Of the teacher, over the same clips."""


def fit(
    data: Dataset,
    name: str,
    settings: FitSettings,
    progress: Progress = silent,
    checkpoint: Checkpoint | None = None,
) -> Trained:
    """Train the model `name` from new weights; the same arguments give the same weights on one machine.

    With a `checkpoint` a training that was stopped goes on where it was, to the same weights.
    """
    keras = backend.keras()
    labels = len(data.labels)
    material = gather(data, settings, progress)
    change = Augmentation(cut=settings.augmentation.cut)
    validation = examples.make(
        data.validation,
        settings.seed,
        change=change,
        apart=material.apart,
        embedded=material.teacher is not None,
    )
    taught = _teachers_own(material.teacher, validation, labels) if material.teacher else None
    judged = _judged(validation, material, settings)
    keras.utils.set_random_seed(settings.seed)
    model = models.build(name, labels)
    learner = _compiled(keras, model, material, settings)
    state = (checkpoint.load(learner) if checkpoint else None) or State.of(learner, settings.watched)
    while state.epoch < settings.epochs and state.epoch - state.best_epoch < settings.patience:
        rng = np.random.default_rng([settings.seed, state.epoch])
        windows, targets = material.epoch(lambda some: _answers(model, some), settings, rng)
        state.add(learner, _learn(learner, windows, targets, judged, settings))
        if checkpoint:
            checkpoint.save(learner, state)
        progress("training", state.epoch, settings.epochs, _how_it_goes(state))
    if state.epoch < settings.epochs:
        progress("training", settings.epochs, settings.epochs, _how_it_goes(state))
    learner.set_weights(state.best_weights)
    return Trained(model, name, data.labels, state.history, validation, taught)


def _teachers_own(taught: Teacher, validation: Streams, labels: int) -> Confusion:
    """What it makes of speakers whom it has not met, the word in the middle of the window."""
    answers = teacher.at(taught.answers(validation), np.arange(len(validation.labels)), validation.middle)
    return confusion.count(validation.labels, folded(answers, labels).argmax(axis=1), labels)


def _how_it_goes(state: State) -> str:
    """Of the last epoch, on the validation speakers."""
    loss, right = (state.history[name][-1] for name in ("val_loss", "val_accuracy"))
    return f"loss {loss:.3f}, {right:.1%} right"


def gather(data: Dataset, settings: FitSettings, progress: Progress = silent) -> Material:
    """What the settings ask for: clips in surroundings, running speech, medleys, a teacher's answers."""
    training, labels, is_taught = data.training, len(data.labels), settings.teacher > 0
    apart = examples.told_apart(training) if settings.kinds else ()
    clips = examples.make(
        training, settings.seed, settings.passes, settings.augmentation, 0.15, progress, apart, is_taught
    )
    taught = teacher.teach(clips, labels, settings, progress) if is_taught else None
    speech = medleys = None
    if settings.speech:
        speech = examples.running_speech(training, data.labels, _MINUTES, settings.seed, progress)
    if settings.medley and taught:
        count = min(_MEDLEYS, _MEDLEYS_A_CLIP * len(training.names))
        strung = examples.medleys(training, count, settings.seed, progress)
        medleys = Source(strung, taught.answers(strung))
    return Material(
        Source(clips, taught.answers(clips) if taught else None),
        Source(speech, None) if speech else None,
        medleys,
        labels,
        apart,
        taught,
    )


def _learn(
    learner: Any,
    windows: Windows,
    targets: Targets,
    judged: tuple[Windows, Targets],
    settings: FitSettings,
) -> dict[str, float]:
    """One epoch; its measures are those of the model itself."""
    outputs, labels = len(learner.outputs), learner.outputs[0].shape[-1]

    def wanted(targets: Targets) -> list[Targets]:
        return [folded(targets, labels), targets][:outputs]

    history = learner.fit(
        windows,
        wanted(targets),
        batch_size=settings.batch,
        shuffle=False,
        validation_data=(judged[0], wanted(judged[1])),
        verbose=0,
    ).history
    of = "" if outputs == 1 else "scores_"
    names = {"loss": f"{of}loss", "accuracy": f"{of}accuracy"}
    names |= {f"val_{name}": f"val_{found}" for name, found in names.items()}
    return {name: float(history[found][0]) for name, found in names.items()}


def _judged(streams: Streams, material: Material, settings: FitSettings) -> tuple[Windows, Targets]:
    rng = np.random.default_rng(settings.seed)
    chosen = settings.draw(streams.labels, material.labels, _JUDGED, rng)
    starts = streams.random_starts(chosen, rng, settings.augmentation)
    return real(streams.windows(chosen, starts)), material.said(streams.kinds[chosen])


def _compiled(keras: Any, model: Any, material: Material, settings: FitSettings) -> Any:
    """The model ready to learn; where other words are kinds, with a second output that names them and that
    only training has."""
    steps = settings.epochs * -(-settings.windows // settings.batch)
    outputs, weights = [model.output], [1.0]
    if material.apart:
        layer = keras.layers.Dense(material.kinds, activation="softmax", name="kinds")
        outputs, weights = [model.output, layer(model.layers[-1].input)], [1.0, settings.kinds]
    learner = keras.Model(model.input, outputs)
    smoothing = 0.0 if settings.teacher else settings.smoothing
    learner.compile(
        backend.optimiser(settings.learning_rate, steps, settings.weight_decay),
        [keras.losses.CategoricalCrossentropy(label_smoothing=smoothing) for _ in outputs],
        loss_weights=weights,
        metrics=[["accuracy"] for _ in outputs],
    )
    learner.optimizer.build(learner.trainable_variables)
    return learner


def _answers(model: Any, windows: Windows) -> Any:
    return model.predict(windows, batch_size=2048, verbose=0)

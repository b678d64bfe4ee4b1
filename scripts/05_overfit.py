"""Lesson 5: too few clips for too long.

    python scripts/05_overfit.py

learns `no` from `go` from ten synthetic clips each. The loss on its own clips falls to nothing; on speakers
that it never met it falls at first, then turns and rises:

    epoch   5: loss 0.26, on other speakers 0.63
    epoch 100: loss 0.00, on other speakers 0.98

(roughly). The first run makes the synthetic clips, which takes half a minute.
"""

import keras

from earkit.audio import synthetic
from earkit.lessons import overfit

# settings
WORDS = ("no", "go")
CLIPS = 10
EPOCHS = 100
SEED = 1


def main() -> None:
    folder = synthetic.cached(synthetic.Settings(WORDS))  # or a folder with one folder of recordings per word
    training = overfit.examples(folder, WORDS, "training", CLIPS)
    others = overfit.examples(folder, WORDS, "validation", 100)

    keras.utils.set_random_seed(SEED)
    layers = keras.layers
    hidden, scores = layers.Dense(32, "relu"), layers.Dense(len(WORDS), "softmax")
    model = keras.Sequential([keras.Input((49, 40)), layers.Flatten(), hidden, scores])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(
        training.windows, training.labels, epochs=EPOCHS, batch_size=8, verbose=0,
        validation_data=(others.windows, others.labels),
    ).history  # fmt: skip
    for epoch in (1, 2, 5, 10, 20, 50, EPOCHS):
        loss, other = history["loss"][epoch - 1], history["val_loss"][epoch - 1]
        print(f"epoch {epoch:3d}: loss {loss:.2f}, on other speakers {other:.2f}")


if __name__ == "__main__":  # the synthetic voices speak in processes of their own
    main()

"""Lesson 8: a large pretrained keyword model on a recording.

    pip install -e '.[wav2vec2]'
    python scripts/08_pretrained.py yes.wav

prints for every file the word and how sure the model is:

    yes.wav: yes (confidence 0.999)

(an example, not a promise). The first run fetches some hundred megabytes of weights from the Hugging Face
hub.
"""

import sys

import librosa
import torch
from transformers import Wav2Vec2FeatureExtractor, Wav2Vec2ForSequenceClassification

# settings
MODEL = "anton-l/wav2vec2-base-ft-keyword-spotting"  # or a folder that holds it
RATE = 16000

extractor = Wav2Vec2FeatureExtractor.from_pretrained(MODEL)
model = Wav2Vec2ForSequenceClassification.from_pretrained(MODEL)

for path in sys.argv[1:]:
    samples, _ = librosa.load(path, sr=RATE)
    inputs = extractor(samples, sampling_rate=RATE, return_tensors="pt")
    with torch.no_grad():
        scores = model(**inputs).logits.softmax(dim=-1)[0]
    print(f"{path}: {model.config.id2label[int(scores.argmax())]} (confidence {float(scores.max()):.3f})")

"""Makes spoken words of six kinds as WAV files, by a small model of the voice: `python make_words.py FOLDER [COUNT]`.

A word is a run of sounds; a vowel is a row of pulses (the vocal cords) through three resonances (its formants, after
Peterson and Barney, 1952), a hiss is noise through one. Each file has a voice, a speed, a loudness and a noise of its
own; the voices of `test` are none of those of `train`.
"""

import sys
from pathlib import Path

import numpy as np
from scipy.io import wavfile
from scipy.signal import lfilter

RATE = 16_000
# Formants in hertz of a man's vowels.
VOWELS = {
    "a": (730, 1090, 2440),
    "e": (530, 1840, 2480),
    "i": (270, 2290, 3010),
    "o": (570, 840, 2410),
    "u": (300, 870, 2240),
}
# s and f hiss around these frequencies; n and m hum; t and k are a silence and a burst.
HISSES = {"s": 6000, "f": 3500, "h": 1500}
HUMS = {"n": (280, 1700, 2600), "m": (250, 1000, 2200)}
BURSTS = {"t": 4500, "k": 2000}
WORDS = {"yes": "ies", "no": "nou", "stop": "stoo", "go": "kou", "nine": "naain", "home": "houm"}


def resonate(signal, frequency, width):
    radius = np.exp(-np.pi * width / RATE)
    poles = [1, -2 * radius * np.cos(2 * np.pi * frequency / RATE), radius * radius]
    return lfilter([sum(poles)], poles, signal)


def say(sound, samples, pitch, tract, chance):
    """One sound of a word; `tract` is how much shorter the speaker's throat is than a man's."""
    if sound in VOWELS or sound in HUMS:
        phase = np.cumsum(pitch * (1 + 0.02 * np.sin(np.arange(samples) / RATE * 35)) / RATE)
        signal = np.diff(np.floor(phase), prepend=0) + 0.01 * chance.standard_normal(samples)
        for number, frequency in enumerate({**VOWELS, **HUMS}[sound]):
            signal = resonate(signal, frequency * tract, 80 + 40 * number)
        return signal / (np.abs(signal).max() + 1e-9) * (1.0 if sound in VOWELS else 0.4)
    noise = resonate(chance.standard_normal(samples), {**HISSES, **BURSTS}[sound] * tract**0.3, 1200)
    noise *= 0.3 / (np.abs(noise).max() + 1e-9)
    if sound in BURSTS:
        noise[: samples * 2 // 3] = 0
    return noise


def speak(word, chance, voice):
    """Half a second to a second of a word, in a voice, with a noise behind it."""
    pitch, tract = voice
    pitch *= chance.uniform(0.9, 1.1)
    speed = chance.uniform(0.8, 1.3)
    pieces = []
    for sound in WORDS[word]:
        samples = int(RATE * chance.uniform(0.09, 0.13) / speed)
        piece = say(sound, samples, pitch, tract * chance.uniform(0.96, 1.04), chance)
        ramp = np.minimum(1, np.arange(samples) / (0.01 * RATE))
        pieces.append(piece * ramp * ramp[::-1])
    spoken = np.concatenate(pieces)
    whole = np.zeros(RATE)
    start = chance.integers(0, RATE - len(spoken))
    whole[start : start + len(spoken)] = spoken * chance.uniform(0.2, 0.8)
    hum = np.cumsum(chance.standard_normal(RATE))
    hum -= np.linspace(hum[0], hum[-1], RATE)
    noise = chance.standard_normal(RATE) + hum / (np.abs(hum).max() + 1e-9)
    return whole + noise * chance.uniform(0.005, 0.08)


def make_words(folder, count):
    """`count` of each word to learn from, by 20 voices, and a third as many by ten others to test with."""
    chance = np.random.default_rng(7)
    for part, many, voices in (("train", count, 20), ("test", max(1, count // 3), 10)):
        speakers = [(chance.uniform(80, 260), chance.uniform(0.95, 1.25)) for _ in range(voices)]
        for word in WORDS:
            place = Path(folder) / part / word
            place.mkdir(parents=True, exist_ok=True)
            for number in range(many):
                samples = speak(word, chance, speakers[number % voices])
                wavfile.write(place / f"{number:04d}.wav", RATE, (np.clip(samples, -1, 1) * 32767).astype(np.int16))


if __name__ == "__main__":
    make_words(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 120)

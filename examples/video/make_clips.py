"""Makes clips of handwritten digits that move: `python make_clips.py FOLDER [COUNT]`.

Each clip is an mp4 of one of scikit-learn's digits (UCI, E. Alpaydin and C. Kaynak, 1998) that moves left, right, up or
down over a noise, at a pace and from a place of its own; the digits of `test` are none of those of `train`.
"""

import sys
from pathlib import Path

import av
import numpy as np
from sklearn.datasets import load_digits

SIZE, FRAMES = 32, 12
MOVES = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}


def move_digit(digit, move, chance):
    """Frames [FRAMES, SIZE, SIZE] of a digit that comes in again on the other side."""
    large = np.kron(digit, np.ones((2, 2))) * 13
    start, pace = chance.integers(0, SIZE, 2), chance.uniform(1.0, 2.5)
    frames = []
    for number in range(FRAMES):
        frame = np.zeros((SIZE, SIZE))
        frame[:16, :16] = large
        frame = np.roll(frame, start + np.round(np.array(move) * pace * number).astype(int), axis=(0, 1))
        frames.append(frame + chance.uniform(0, 40, frame.shape))
    return np.clip(frames, 0, 255).astype(np.uint8)


def write_mp4(path, frames):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=12)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = SIZE, SIZE, "yuv420p", 400_000
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="gray").reformat(format="yuv420p")))
        container.mux(stream.encode())


def make_clips(folder, count):
    """`count` of each direction to learn from, and a third as many to test with."""
    chance = np.random.default_rng(7)
    digits = chance.permutation(load_digits().images)
    for part, many, some in (("train", count, digits[:1200]), ("test", max(1, count // 3), digits[1200:])):
        for name, move in MOVES.items():
            place = Path(folder) / part / name
            place.mkdir(parents=True, exist_ok=True)
            for number in range(many):
                frames = move_digit(some[chance.integers(len(some))], move, chance)
                write_mp4(place / f"{number:04d}.mp4", frames)


if __name__ == "__main__":
    make_clips(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 150)

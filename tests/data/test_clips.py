"""Clips of every kind become so many frames of one size; what is none is refused in one sentence."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest
from PIL import Image

from dix.data.clips import Clips
from dix.errors import BadData
from dix.store.listing import StoredFile

# Frame i is grey of 20 i.
FRAMES = np.repeat(np.arange(12, dtype=np.uint8) * 20, 16 * 24).reshape(12, 16, 24)
CLIPS = Clips(4, 8, 12, 0)


def save_pictures(kind: str, frames: np.ndarray = FRAMES) -> bytes:
    stream = io.BytesIO()
    first, *others = [Image.fromarray(frame) for frame in frames]
    options = {"lossless": True} if kind == "WEBP" else {}
    first.save(stream, kind, save_all=True, append_images=others, **options)
    return stream.getvalue()


def save_array(frames: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, frames)
    return stream.getvalue()


def save_video(kind: str, codec: str) -> bytes:
    stream = io.BytesIO()
    with av.open(stream, "w", format=kind) as container:
        video = container.add_stream(codec, rate=12)
        video.width, video.height, video.pix_fmt = 24, 16, "yuv420p"
        for frame in FRAMES:
            container.mux(video.encode(av.VideoFrame.from_ndarray(frame, format="gray").reformat(format="yuv420p")))
        container.mux(video.encode())
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        save_pictures("GIF"),
        save_pictures("WEBP"),
        save_pictures("PNG"),
        save_array(FRAMES),
        save_video("mp4", "mpeg4"),
        save_video("avi", "mpeg4"),
        save_video("matroska", "mpeg4"),
    ],
    ids=["gif", "webp", "png", "npy", "mp4", "avi", "mkv"],
)
def test_frames_are_taken_evenly_from_every_kind(content: bytes) -> None:
    clip = CLIPS.decode([content], "a")
    assert (clip.shape, clip.dtype) == ((4, 8, 12), np.uint8)
    np.testing.assert_allclose(clip.mean(axis=(1, 2)), [20, 80, 140, 200], atol=8)
    assert Clips(3, 8, 12, 3).decode([content], "a").shape == (3, 8, 12, 3)


def test_a_folder_of_frames_is_one_clip() -> None:
    paths = ["a/one.mp4", "a/two/0.png", "a/two/1.png", "b/x.gif", "b/three/0.jpg"]
    units = CLIPS.list_units([StoredFile(path, f"file:///{path}", 1) for path in paths])
    assert [len(unit) for unit in units] == [1, 2, 1, 1]
    contents = []
    for frame in FRAMES:
        stream = io.BytesIO()
        Image.fromarray(frame).save(stream, "PNG")
        contents.append(stream.getvalue())
    assert CLIPS.decode(contents, "a/two").mean(axis=(1, 2)).tolist() == [20, 80, 140, 200]


def test_a_long_clip_is_thinned_out_while_it_is_read() -> None:
    long = np.repeat(np.arange(200, dtype=np.uint8), 16).reshape(200, 4, 4)
    levels = Clips(2, 4, 4, 0).decode([save_pictures("PNG", long)], "a").mean(axis=(1, 2))
    np.testing.assert_allclose(levels, [50, 150], atol=8)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a.mp4: the file is not a clip; it is empty"),
        (b"these are words", r"a\.mp4: the file is not a clip; it holds text"),
        (
            save_video("mp4", "mpeg4")[:300],
            "a.mp4: there are no pictures in it: it is cut off|a.mp4: the video is damaged",
        ),
        (save_pictures("PNG", FRAMES[:1]), "a.mp4: it has 1 frame, a clip has two or more"),
        (save_pictures("GIF")[:60], "a.mp4: the clip is damaged|a.mp4: it has [01] frame"),
        (save_array(FRAMES)[:200], "a.mp4: the array is damaged"),
        (save_array(FRAMES[0]), r"a\.mp4: its shape is \[16, 24\], a clip is \[frames, h, w\]"),
        (save_array(FRAMES / 255), r"a\.mp4: it holds float64, the pixels of a clip are whole numbers"),
        (save_array(np.array([None])), "a.mp4: the array is damaged"),
        (save_array(FRAMES).replace(b"(", b"(9999999, 999999, ", 1), "a.mp4: the array is damaged .*allocate"),
    ],
)
def test_what_is_no_clip_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(BadData, match=message):
        CLIPS.decode([content], "a.mp4")

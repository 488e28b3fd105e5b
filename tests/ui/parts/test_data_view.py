"""The beginning of data as a table, a picture or a sound."""

from __future__ import annotations

import io

from PIL import Image

from dix.client.data_looks import Preview
from ui.parts.data_view import THUMBNAIL, guess_type, make_frame, make_thumbnail


def test_a_column_has_values_of_one_kind() -> None:
    rows = (
        {"n": 1, "x": "NaN", "t": "NaN", "l": [1, "名"], "big": 2**64},
        {"n": None, "x": 1.5, "t": None, "l": None, "big": 1},
    )
    seen = Preview("csv", 1, 10, {"n": "int64", "x": "double", "t": "string", "l": "list", "big": "uint64"}, rows)
    frame = make_frame(seen)
    assert str(frame["n"].dtype) == "Int64"
    assert frame["x"].isna().tolist() == [True, False]
    assert frame["t"].tolist()[0] == "NaN"
    assert frame["l"].tolist()[0] == '[1, "名"]'
    assert frame["big"].tolist()[0] == str(2**64)


def test_a_picture_becomes_small() -> None:
    out = io.BytesIO()
    Image.new("CMYK", (2000, 1000)).save(out, "JPEG")
    small = make_thumbnail(out.getvalue())
    assert small is not None
    assert Image.open(io.BytesIO(small)).size == (THUMBNAIL, THUMBNAIL // 2)


def test_what_is_no_picture_is_none() -> None:
    assert make_thumbnail(b"\x89PNG\r\n\x1a\nno") is None
    assert make_thumbnail(b"") is None


def test_a_media_type_is_of_the_kind_that_is_shown() -> None:
    assert guess_type("a.mp3", "audio/wav") == "audio/mpeg"
    assert guess_type("a.html", "audio/wav") == "audio/wav"
    assert guess_type("a", "video/mp4") == "video/mp4"

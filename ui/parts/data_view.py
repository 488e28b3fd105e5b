"""The beginning of data, as what it is: a table, pictures, sounds, videos or text."""

from __future__ import annotations

import io
import json
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pandas as pd
import streamlit as st
from PIL import Image, ImageOps

from dix.client.connection import Client
from dix.client.data_looks import Preview
from dix.client.pictures.words import clean
from dix.client.reading import read_numbers
from ui.parts.amounts import say_bytes
from ui.parts.data_places import get_name, join_place
from ui.parts.facts import show_facts
from ui.parts.server import get_client
from ui.parts.text import plain
from ui.words.text import Text

ROWS = 100
PICTURES, PICTURE_COLUMNS = 24, 6
SOUNDS, VIDEOS = 8, 4
MOST_PICTURE, MOST_SOUND, MOST_VIDEO = 8 << 20, 32 << 20, 128 << 20
MOST_PIXELS = 60_000_000
THUMBNAIL = 480
AT_ONCE = 6
_FLOATS = frozenset({"float", "double", "halffloat"})


class Words:
    """What this part says."""

    FORMAT = Text("Format", "格式")
    FILES = Text("Files", "文件数")
    SIZE = Text("Size", "大小")
    COLUMNS = Text("Columns", "列数")
    EMPTY = Text("There is nothing in it.", "没有内容。")
    BEGINNING = Text("These are the first {count}; there is more.", "以上是前 {count} 条；还有更多。")
    TOO_LARGE = Text("{name} has {size}: too large to be shown here; download it.", "{name} 为 {size}，请下载查看。")
    UNREADABLE = Text("{name} cannot be shown here.", "无法在此显示 {name}。")


def show_preview(uri: str, *, is_file: bool) -> None:
    """What begins at a place; a folder is taken as one piece of data."""
    with st.spinner(""):
        seen = get_client().data.preview(uri, ROWS)
    facts = {Words.FORMAT: seen.format, Words.FILES: f"{seen.files:,}", Words.SIZE: say_bytes(seen.size_bytes)}
    if seen.columns:
        facts[Words.COLUMNS] = str(len(seen.columns))
    show_facts(facts)
    if not seen.rows:
        st.info(Words.EMPTY)
        return
    kind = seen.format.split()[0].strip(",;:")
    show = _SHOWN.get(kind)
    if show is not None:
        show(seen, lambda file: uri if is_file else join_place(uri, file))
        return
    if list(seen.columns) == ["line"] and kind == "text":
        st.code("\n".join(clean(str(row["line"])) for row in seen.rows), language=None, height=420)
    else:
        st.dataframe(make_frame(seen), hide_index=True, height=440 if len(seen.rows) > 11 else "content")
    if not seen.is_whole:
        st.caption(Words.BEGINNING.format(count=len(seen.rows)))


def make_frame(seen: Preview) -> pd.DataFrame:
    """The rows with columns of one kind each; what is nested is written as JSON."""
    names = list(seen.columns) or list(dict.fromkeys(name for row in seen.rows for name in row))
    columns = {
        clean(name): _make_column(seen.columns.get(name, ""), [row.get(name) for row in seen.rows]) for name in names
    }
    return pd.DataFrame(columns)


def _make_column(kind: str, values: Sequence[Any]) -> Any:
    if kind in _FLOATS:
        return list(read_numbers(dict(enumerate(values))).values())  # type: ignore[arg-type]  # keys are not looked at
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 for value in known):
        return pd.array(list(values), dtype="Int64")
    return [None if value is None else _say(value) for value in values]


def _say(value: Any) -> str:
    return clean(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def make_thumbnail(content: bytes) -> bytes | None:
    """A small PNG of a picture; None for what is none, or would be too large once it is open."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return None
            small = ImageOps.exif_transpose(picture)
            small.thumbnail((THUMBNAIL, THUMBNAIL))
            out = io.BytesIO()
            small.convert("RGBA" if "A" in small.getbands() else "RGB").save(out, "PNG")
            return out.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _show_pictures(seen: Preview, find_uri: Callable[[str], str]) -> None:
    rows = seen.rows[:PICTURES]
    client = get_client()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = list(pool.map(lambda row: _fetch_thumbnail(client, find_uri(str(row["file"])), row), rows))
    width = 1 if len(rows) == 1 else PICTURE_COLUMNS
    for start in range(0, len(rows), width):
        columns = st.columns(width)
        for column, row, picture in zip(columns, rows[start:], made[start:], strict=False):
            _show_picture(column, row, picture, is_alone=width == 1)
    if len(rows) < seen.files:
        st.caption(Words.BEGINNING.format(count=len(rows)))


def _show_picture(place: Any, row: Mapping[str, Any], picture: bytes | None, *, is_alone: bool) -> None:
    name = plain(get_name(str(row["file"])))
    with place:
        if picture is None:
            st.caption(f":material/broken_image: {Words.UNREADABLE.format(name=name)}")
            return
        size = f" · {row['width']} × {row['height']}" if "width" in row else ""
        st.image(picture, caption=f"{name}{size}", width="content" if is_alone else "stretch", alt=name)


def _fetch_thumbnail(client: Client, uri: str, row: Mapping[str, Any]) -> bytes | None:
    if int(row["size_bytes"]) > MOST_PICTURE:
        return None
    return make_thumbnail(client.data.read(uri, MOST_PICTURE))


def _show_sounds(seen: Preview, find_uri: Callable[[str], str]) -> None:
    for row in seen.rows[:SOUNDS]:
        content = _fetch(row, find_uri, MOST_SOUND)
        if content is not None:
            _say_file(row)
            st.audio(content, format=guess_type(str(row["file"]), "audio/wav"))
    _say_more(seen, SOUNDS)


def _show_videos(seen: Preview, find_uri: Callable[[str], str]) -> None:
    columns = st.columns(1 if len(seen.rows) == 1 else 2)
    for place, row in enumerate(seen.rows[:VIDEOS]):
        with columns[place % len(columns)]:
            content = _fetch(row, find_uri, MOST_VIDEO)
            if content is not None:
                _say_file(row)
                st.video(content, format=guess_type(str(row["file"]), "video/mp4"), width=640)
    _say_more(seen, VIDEOS)


def _fetch(row: Mapping[str, Any], find_uri: Callable[[str], str], most: int) -> bytes | None:
    """The bytes of a file; a sentence instead for one that is too large."""
    size = int(row["size_bytes"])
    if size > most:
        st.caption(Words.TOO_LARGE.format(name=plain(row["file"]), size=say_bytes(size)))
        return None
    return get_client().data.read(find_uri(str(row["file"])), most)


def _say_file(row: Mapping[str, Any]) -> None:
    length = f" · {row['seconds']:.1f} s · {row['rate']} Hz" if "seconds" in row else ""
    st.caption(f"{plain(row['file'])} · {say_bytes(row['size_bytes'])}{length}")


def _say_more(seen: Preview, shown: int) -> None:
    if shown < seen.files:
        st.caption(Words.BEGINNING.format(count=shown))


def guess_type(name: str, otherwise: str) -> str:
    """The media type that a file's name says; the other one where it says none of that kind."""
    found = mimetypes.guess_type(name)[0] or ""
    return found if found.partition("/")[0] == otherwise.partition("/")[0] else otherwise


_SHOWN: dict[str, Callable[[Preview, Callable[[str], str]], None]] = {
    "images": _show_pictures,
    "audio": _show_sounds,
    "video": _show_videos,
}

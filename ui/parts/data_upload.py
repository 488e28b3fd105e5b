"""Brings files from the visitor's machine into a folder of the store, with what is there so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from ui.parts.amounts import say_bytes
from ui.parts.as_code import Call, LocalFile, show_code
from ui.parts.data_places import join_place
from ui.parts.server import get_client, telling
from ui.parts.text import plain
from ui.words.text import Text

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

# The dashboard holds them in memory on their way; what is larger goes by the command.
MOST_MIB = 500


class Words:
    """What this part says."""

    UPLOAD = Text("Upload", "上传")
    DROP = Text("Files for this folder", "要放入此文件夹的文件")
    FOLDER = Text("Into the folder", "放入文件夹")
    FOLDER_HELP = Text("One that is not there yet is made.", "不存在的文件夹会自动创建。")
    SEND = Text("Upload {count}", "上传 {count} 个文件")
    SENDING = Text("{name}: {there} of {all}", "{name}：{there} / {all}")
    DONE = Text("{count} uploaded.", "已上传 {count} 个文件。")
    LARGE = Text(
        "Larger files and whole folders go by `dix data put FOLDER URI`, which goes on where it was cut off.",
        "更大的文件和整个文件夹请使用 `dix data put FOLDER URI`，中断后可继续。",
    )


def show_upload(folder: str) -> None:
    """A place to drop files on, and the button that sends them; a file of the same name is replaced."""
    # With a number of its own after each upload, so that what was sent is not offered again.
    number = st.session_state.get("uploads-done", 0)
    done = st.session_state.pop("uploads-said", None)
    if done:
        st.success(Words.DONE.format(count=done), icon=":material/check_circle:")
    with st.expander(Words.UPLOAD, icon=":material/upload:", key=f"upload-{folder}", on_change="rerun"):
        files = st.file_uploader(
            Words.DROP,
            accept_multiple_files=True,
            max_upload_size=MOST_MIB,
            key=f"files-{folder}-{number}",
            label_visibility="collapsed",
        )
        target = st.text_input(
            Words.FOLDER, value=folder, help=Words.FOLDER_HELP, key=f"target-{folder}", placeholder="digits/images"
        ).strip()
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(
                Words.SEND.format(count=len(files)), type="primary", disabled=not files, icon=":material/upload:"
            ):
                with telling():
                    _send(files, target)
            name = files[0].name if files else "train.csv"
            show_code(make_call(join_place(target, name), name), key=f"upload-{folder}")
        st.caption(Words.LARGE)


def make_call(uri: str, name: str) -> Call:
    """The same for one file, from a program."""
    return Call("data.put", (LocalFile(name), uri), verb="PUT", path=("data", "file"), query={"uri": uri}, sends=name)


def _send(files: list[UploadedFile], folder: str) -> None:
    for file in files:
        name, size = plain(file.name), say_bytes(file.size)
        bar = st.progress(0.0, Words.SENDING.format(name=name, there=say_bytes(0), all=size))

        def tell(there: int, bar: st.delta_generator.DeltaGenerator = bar, file: UploadedFile = file) -> None:
            text = Words.SENDING.format(name=plain(file.name), there=say_bytes(there), all=say_bytes(file.size))
            bar.progress(min(1.0, there / max(1, file.size)), text)

        file.seek(0)
        get_client().data.send(file, file.size, join_place(folder, file.name), tell)
    st.session_state["uploads-done"] = st.session_state.get("uploads-done", 0) + 1
    st.session_state["uploads-said"] = len(files)
    st.switch_page("pages/data.py", query_params={"uri": folder} if folder else None)

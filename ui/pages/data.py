"""The Data page: the store, folder by folder, and what lies in it; `?uri=` names a place."""

from __future__ import annotations

from typing import Any, Literal

import streamlit as st

from dix.client.data import DataEntry
from dix.client.pictures.words import clean
from dix.errors import NotFound
from ui.parts.amounts import say_bytes
from ui.parts.as_code import Call, show_code
from ui.parts.data_places import get_name, join_place, list_crumbs
from ui.parts.data_profile import show_profile
from ui.parts.data_upload import MOST_MIB, show_upload
from ui.parts.data_view import show_preview
from ui.parts.server import get_client, telling
from ui.parts.tables import pick_row
from ui.parts.text import plain
from ui.words.text import Text, Texts

Section = Literal["files", "preview", "profile"]


class Words:
    """What this page says."""

    TITLE = Text("Data", "数据")
    ROOT = Text("Store", "存储")
    SLASH = Text("/", "/")
    EMPTY = Text(
        "The store is empty. Drop files on **Upload** above, or bring a whole folder from a terminal with "
        "`dix data put photos/ photos`; then a data node of a flow names them by their address.",
        "存储为空。请将文件拖放到上方的**上传**，或在终端中用 `dix data put photos/ photos` 上传整个文件夹；"
        "之后流程中的数据节点可以用地址引用它们。",
    )
    NAME = Text("Name", "名称")
    KIND = Text("Kind", "类型")
    SIZE = Text("Size", "大小")
    FOLDER = Text("folder", "文件夹")
    FILE = Text("file", "文件")
    FIND = Text("Find in this folder", "在此文件夹中查找")
    NOT_FOUND = Text("Nothing in this folder is called so.", "此文件夹中没有这样的名称。")
    SECTION = Text("What to show", "显示内容")
    SECTIONS = Texts[Section](
        {
            "files": Text("Files", "文件"),
            "preview": Text("Preview", "预览"),
            "profile": Text("Profile", "概况"),
        }
    )
    DOWNLOAD = Text("Download", "下载")
    BY_COMMAND = Text("It is too large for the browser; in a terminal:", "文件过大，无法用浏览器下载；请在终端中运行：")
    IN_FLOW = Text("In a flow, a data node names it", "在流程中，数据节点这样引用")


def show() -> None:
    """The folder or the file that the address names."""
    asked = st.query_params.get("uri", "")
    uri = asked if "://" in asked else asked.strip("/")
    st.title(Words.TITLE)
    _show_crumbs(uri)
    try:
        entries = get_client().data.list(uri)
    except NotFound:
        size = get_client().data.measure(uri)
        if not size["files"]:
            raise
        _show_file(uri, int(size["bytes"]))
        return
    _show_folder(uri, entries)


def _show_crumbs(uri: str) -> None:
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.page_link("pages/data.py", label=Words.ROOT, icon=":material/database:", width="content")
        crumbs = list_crumbs(uri)
        for crumb in crumbs:
            st.caption(Words.SLASH, width="content")
            label = plain(crumb.name)
            if crumb is crumbs[-1]:
                st.markdown(f"**{label}**", width="content")
            else:
                st.page_link("pages/data.py", label=label, query_params={"uri": crumb.uri}, width="content")


def _show_folder(uri: str, entries: tuple[DataEntry, ...]) -> None:
    show_upload(uri)
    if not entries:
        st.info(Words.EMPTY, icon=":material/database:")
        return
    section: Section = "files"
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        if uri:
            section = _ask_section(uri, ["files", "preview", "profile"])
        show_code(make_call(section, uri), key=f"{section}-{uri}")
    with telling():
        if section == "files":
            _show_entries(uri, entries)
        else:
            _show_look(section, uri, is_file=False)
    if uri:
        _show_address(f"{uri}/")


def _show_file(uri: str, size: int) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        section = _ask_section(uri, ["preview", "profile"])
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            show_code(make_call(section, uri), key=f"{section}-{uri}")
            if size <= MOST_MIB << 20:
                client = get_client()
                st.download_button(
                    f"{Words.DOWNLOAD} · {say_bytes(size)}",
                    lambda: client.data.read(uri, size),
                    file_name=get_name(uri),
                    mime="application/octet-stream",
                    on_click="ignore",
                    icon=":material/download:",
                )
    if size > MOST_MIB << 20:
        st.caption(Words.BY_COMMAND)
        st.code(f"dix data get {uri!r} .", language="shell")
    with telling():
        _show_look(section, uri, is_file=True)
    _show_address(uri)


def _ask_section(uri: str, sections: list[Section]) -> Section:
    chosen: Section = st.segmented_control(
        Words.SECTION,
        sections,
        default=sections[0],
        required=True,
        format_func=Words.SECTIONS.__getitem__,
        label_visibility="collapsed",
        key=f"section-{uri}",
    )
    return chosen


def make_call(section: Section, uri: str) -> Call:
    """What fills the page, from a program."""
    if section == "files":
        return Call("data.list", (uri,) if uri else (), path=("data",), query={"uri": uri or None})
    return Call(f"data.{section}", (uri,), path=("data", section), query={"uri": uri})


def _show_look(section: Section, uri: str, *, is_file: bool) -> None:
    if section == "preview":
        show_preview(uri, is_file=is_file)
    else:
        show_profile(uri)


def _show_address(uri: str) -> None:
    st.caption(Words.IN_FLOW)
    st.code(uri, language=None, wrap_lines=True)


def _show_entries(uri: str, entries: tuple[DataEntry, ...]) -> None:
    wanted = st.text_input(
        Words.FIND, key=f"find-{uri}", placeholder=Words.FIND, label_visibility="collapsed", icon=":material/search:"
    ).strip()
    shown = [entry for entry in entries if wanted.casefold() in entry.name.casefold()]
    if not shown:
        st.info(Words.NOT_FOUND)
        return
    picked = pick_row([_make_row(entry) for entry in shown], _make_columns(), key=f"entries-{uri}-{wanted}")
    if picked is not None and picked < len(shown):
        st.switch_page("pages/data.py", query_params={"uri": join_place(uri, shown[picked].name)})


def _make_row(entry: DataEntry) -> dict[str, Any]:
    is_folder = entry.kind == "folder"
    return {
        "name": f"{clean(entry.name)}/" if is_folder else clean(entry.name),
        "kind": Words.FOLDER if is_folder else Words.FILE,
        "size": "" if entry.size_bytes is None else say_bytes(entry.size_bytes),
    }


def _make_columns() -> dict[str, Any]:
    return {
        "name": st.column_config.TextColumn(Words.NAME, width="large"),
        "kind": st.column_config.TextColumn(Words.KIND, width="small"),
        "size": st.column_config.TextColumn(Words.SIZE, width="small", alignment="right"),
    }


if __name__ == "__main__":
    show()

"""The version of a flow that the server keeps, as the canvas is told of it."""

from __future__ import annotations

from typing import Any

from dix.client.connection import Client
from dix.errors import NotFound
from dix.records.flow_version import FlowVersion
from ui.canvas.drawing import draw_text, make_blank
from ui.parts.clock import say_moment


def find_kept(client: Client, flow: str) -> dict[str, Any]:
    """The latest version; of a flow that is not there yet, one without a tag. Raises BadDocument."""
    try:
        return describe_kept(client.flows.get(flow))
    except NotFound:
        return {"tag": None, "version": None, "by": "", "at": "", "doc": make_blank(flow)}


def describe_kept(version: FlowVersion) -> dict[str, Any]:
    """One version; raises BadDocument for a document of another time."""
    return {
        "tag": version.tag,
        "version": version.version,
        "by": version.user,
        "at": say_moment(version.created),
        "doc": draw_text(version.text),
    }

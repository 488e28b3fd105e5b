"""The dashboard as one ASGI application: the door, and behind it Streamlit with the script in shell.py."""

from __future__ import annotations

from pathlib import Path

from starlette.middleware import Middleware
from streamlit.starlette import App

from ui.door import Door
from ui.parts.server import read_address
from ui.sessions import Sessions

app = App(Path(__file__).with_name("shell.py"), middleware=[Middleware(Door, sessions=Sessions(read_address()))])

"""The dashboard as one ASGI application: the door, and behind it Streamlit with the script in shell.py."""

from __future__ import annotations

from pathlib import Path

from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager
from streamlit.starlette import App

from ui.door import Door
from ui.parts.server import read_address
from ui.sessions import Sessions

# Else a visit that begins at a page's own address, before any other visit, is shown that page without its frame.
PagesManager.uses_pages_directory = False
app = App(Path(__file__).with_name("shell.py"), middleware=[Middleware(Door, sessions=Sessions(read_address()))])

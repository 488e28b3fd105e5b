"""One run: what it is, how it stands, and its steps, curves, logs and parameters; live while it goes on."""

from __future__ import annotations

from typing import ClassVar, Literal

import streamlit as st

from dix.client.run import ClientRun
from dix.errors import DixError
from ui.parts.badges import write_badge
from ui.parts.clock import say_moment, say_span
from ui.parts.curves import show_curves
from ui.parts.facts import show_facts
from ui.parts.log_view import show_logs
from ui.parts.server import get_client, telling
from ui.parts.steps import show_steps
from ui.parts.text import plain

REFRESH_S = 1.0
Section = Literal["steps", "curves", "logs", "params"]


class Words:
    """What this part says."""

    BACK = "All runs"
    CANCEL = "Cancel"
    REALLY = "This ends the run; what its steps have not finished is lost."
    YES = "Cancel this run"
    RETRY = "Retry"
    RETRY_HELP = "A new run of the same flow and parameters; what had succeeded is not done again."
    CREATED, STARTED, TOOK, DRIVER, DATE, PROJECT = "Created", "Started", "Took", "Driver", "Logical date", "Project"
    PRIORITY = "Priority"
    RUN, VERSION = "Run", "Version"
    RETRY_OF = "This is a retry of"
    SECTIONS: ClassVar[dict[Section, str]] = {
        "steps": "Steps",
        "curves": "Curves",
        "logs": "Logs",
        "params": "Parameters",
    }
    SECTION = "What to show"
    NO_PARAMS = "This flow has no parameters."


def show_run(id: str) -> None:
    """The run whose id this is; a sentence when there is none."""
    st.page_link("pages/runs.py", label=Words.BACK, icon=":material/arrow_back:")
    with telling():
        is_live = not get_client().runs.get(id).is_over
        st.fragment(run_every=REFRESH_S if is_live else None)(_show_body)(id, is_live=is_live)


def _show_body(id: str, *, is_live: bool) -> None:
    with telling():
        run = get_client().runs.get(id)
        if is_live and run.is_over:
            st.rerun()
        _show_head(run)
        _show_facts(run)
        section = st.segmented_control(
            Words.SECTION,
            list(Words.SECTIONS),
            default="steps",
            required=True,
            format_func=Words.SECTIONS.__getitem__,
            label_visibility="collapsed",
            key=f"section-{id}",
        )
        _show_section(run, section)


def _show_section(run: ClientRun, section: Section) -> None:
    if section == "curves":
        show_curves(run)
    elif section == "logs":
        show_logs(run)
    elif section == "params":
        _show_params(run)
    else:
        show_steps(run)


def _show_head(run: ClientRun) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"## {plain(run.flow)} {write_badge(run.state)}", width="content")
        if run.is_over:
            if st.button(Words.RETRY, icon=":material/replay:", help=Words.RETRY_HELP):
                _retry(run)
        else:
            # With a key and its state kept here, it stays open when the page is drawn anew around it.
            with st.popover(Words.CANCEL, icon=":material/stop_circle:", key=f"cancel-{run.id}", on_change="rerun"):
                st.write(Words.REALLY)
                if st.button(Words.YES, type="primary"):
                    _cancel(run)
    if run.error:
        st.error(plain(run.error), icon=":material/error:")
    if run.reason and not run.is_over:
        st.warning(plain(run.reason), icon=":material/hourglass_top:")


def _cancel(run: ClientRun) -> None:
    with telling():
        run.cancel()
        st.rerun()


def _retry(run: ClientRun) -> None:
    try:
        again = run.retry()
    except DixError as error:
        st.error(plain(error), icon=":material/error:")
        return
    st.switch_page("pages/runs.py", query_params={"run": again.id})


def _show_facts(run: ClientRun) -> None:
    facts = {
        Words.RUN: run.id,
        Words.VERSION: run.flow_version,
        Words.CREATED: say_moment(run.created),
        Words.STARTED: say_moment(run.started),
        Words.TOOK: say_span(run.started, run.ended),
        Words.DRIVER: run.driver.value,
        Words.DATE: say_moment(run.logical_date),
        Words.PROJECT: run.project,
        Words.PRIORITY: run.priority,
    }
    show_facts(facts)
    if run.retry_of:
        with st.container(horizontal=True, gap="small"):
            st.caption(Words.RETRY_OF, width="content")
            st.page_link("pages/runs.py", label=run.retry_of, query_params={"run": run.retry_of})


def _show_params(run: ClientRun) -> None:
    if run.params:
        st.json(run.params)
    else:
        st.info(Words.NO_PARAMS)

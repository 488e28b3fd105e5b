"""A model version's card: what it takes and answers, how good it is, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dix.records.model_version import ModelVersion
from ui.parts.clock import say_moment
from ui.parts.facts import show_facts
from ui.parts.text import clean, plain

KNOWN = frozenset(
    {"model", "algorithm", "framework", "signature", "labels", "metrics", "params", "preprocessing", "lineage"}
)
MAX_NUMBERS = 8


class Words:
    """What this part says."""

    ALGORITHM, FRAMEWORK, CREATED, PROJECT = "Algorithm", "Framework", "Trained", "Project"
    TRAINED_BY = "Trained by"
    NODE = "node {node} of run"
    REFERENCE = "Flows and commands name it"
    LIES_AT = "It lies at"
    SIGNATURE, METRICS, LABELS, PARAMS, LINEAGE = "Signature", "Metrics", "Labels", "Parameters", "Where it comes from"
    PREPROCESSING, REST = "What it does to its inputs itself", "Everything else on its card"
    WAY, NAME, TYPE, SHAPE = "", "Name", "Type", "Shape"
    IN, OUT = "in", "out"
    ANY = "any"
    UNKNOWN = "–"


def show_card(model: ModelVersion) -> None:
    """Everything that is known of a model version."""
    manifest = model.manifest
    _show_facts(model)
    _show_origin(model)
    _show_metrics(manifest.get("metrics"))
    left, right = st.columns(2, gap="large")
    with left:
        _show_signature(manifest)
        _show_labels(manifest.get("labels"))
    with right:
        _show_document(Words.LINEAGE, manifest.get("lineage"))
        _show_document(Words.PARAMS, manifest.get("params"))
        _show_document(Words.PREPROCESSING, manifest.get("preprocessing"))
    rest = {name: value for name, value in manifest.items() if name not in KNOWN}
    if rest:
        with st.expander(Words.REST):
            st.json(rest)


def _show_facts(model: ModelVersion) -> None:
    facts = {
        Words.ALGORITHM: model.manifest.get("algorithm") or Words.UNKNOWN,
        Words.FRAMEWORK: model.manifest.get("framework") or Words.UNKNOWN,
        Words.CREATED: say_moment(model.created),
        Words.PROJECT: model.project,
    }
    show_facts(facts)


def _show_origin(model: ModelVersion) -> None:
    if model.run:
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            by = f"{Words.TRAINED_BY} {Words.NODE.format(node=plain(model.node or Words.UNKNOWN))}"
            st.caption(by, width="content")
            st.page_link("pages/runs.py", label=model.run, query_params={"run": model.run})
    left, right = st.columns(2, gap="large")
    left.caption(Words.REFERENCE)
    left.code(model.reference, language=None)
    right.caption(Words.LIES_AT)
    right.code(model.uri, language=None)


def _show_metrics(metrics: Any) -> None:
    numbers = _find_numbers(metrics)
    if not numbers:
        return
    st.subheader(Words.METRICS)
    with st.container(horizontal=True):
        for name, value in list(numbers.items())[:MAX_NUMBERS]:
            st.metric(plain(name), f"{value:.4g}", border=True, width="content")


def _find_numbers(metrics: Any) -> dict[str, float]:
    if not isinstance(metrics, Mapping):
        return {}
    return {
        str(name): value
        for name, value in metrics.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _show_signature(manifest: Mapping[str, Any]) -> None:
    signature = manifest.get("signature")
    if not isinstance(signature, Mapping):
        return
    rows = [*_list_tensors(Words.IN, signature.get("inputs")), *_list_tensors(Words.OUT, signature.get("outputs"))]
    if rows:
        st.subheader(Words.SIGNATURE)
        st.dataframe(rows, hide_index=True)


def _list_tensors(way: str, tensors: Any) -> list[dict[str, str]]:
    known = [tensor for tensor in tensors if isinstance(tensor, Mapping)] if isinstance(tensors, list) else []
    return [
        {
            Words.WAY: way,
            Words.NAME: clean(str(tensor.get("name", ""))),
            Words.TYPE: clean(str(tensor.get("datatype", ""))),
            Words.SHAPE: _say_shape(tensor.get("shape")),
        }
        for tensor in known
    ]


def _say_shape(shape: Any) -> str:
    if not isinstance(shape, list | tuple):
        return Words.UNKNOWN
    return " × ".join(Words.ANY if size == -1 else str(size) for size in shape) or "1"


def _show_labels(labels: Any) -> None:
    if isinstance(labels, list) and labels:
        st.subheader(Words.LABELS)
        st.text(clean(", ".join(str(label) for label in labels)))


def _show_document(title: str, document: Any) -> None:
    if document:
        st.subheader(title)
        st.json(document, expanded=3)

"""A model version's card: what it takes and answers, how good it is, and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from dix.client.pictures.words import clean
from dix.records.model_version import ModelVersion
from ui.parts.clock import say_moment
from ui.parts.facts import show_facts
from ui.parts.text import plain
from ui.words.text import Text

SHOWN = frozenset({"model", "algorithm", "framework", "signature", "labels", "metrics", "params", "preprocessing"})
# The first numbers stand out, the others follow in a row.
BIG_NUMBERS = 4


class Words:
    """What this part says."""

    ALGORITHM = Text("Algorithm", "算法")
    FRAMEWORK = Text("Framework", "框架")
    CREATED = Text("Trained", "训练于")
    PROJECT = Text("Project", "项目")
    ORIGIN = Text("Where it comes from", "来源")
    TRAINED_BY = Text("node {node} of run {run}", "运行 {run} 的节点 {node}")
    FLOW = Text("flow {flow}, version {version}", "流程 {flow}，版本 {version}")
    REFERENCE = Text("Flows and commands name it", "在流程和命令中的名称")
    LIES_AT = Text("It lies at", "存放位置")
    SIGNATURE = Text("Signature", "签名")
    METRICS = Text("Metrics", "指标")
    LABELS = Text("Labels", "标签")
    PARAMS = Text("Parameters", "参数")
    VALUE = Text("Value", "值")
    PREPROCESSING = Text("What it does to its inputs itself", "模型自带的预处理")
    REST = Text("Everything else on its card", "卡片上的其他内容")
    WAY = Text("", "")
    NAME = Text("Name", "名称")
    TYPE = Text("Type", "类型")
    SHAPE = Text("Shape", "形状")
    IN = Text("in", "输入")
    OUT = Text("out", "输出")
    ANY = Text("any", "任意")
    UNKNOWN = Text("–", "–")


def show_card(model: ModelVersion) -> None:
    """Everything that is known of a model version."""
    manifest = model.manifest
    _show_facts(model)
    _show_names(model)
    _show_metrics(manifest.get("metrics"))
    left, right = st.columns(2, gap="large")
    with left:
        _show_signature(manifest)
        _show_labels(manifest.get("labels"))
        if manifest.get("preprocessing"):
            st.subheader(Words.PREPROCESSING)
            st.json(manifest["preprocessing"])
    with right:
        _show_origin(model)
        _show_params(manifest.get("params"))
    rest = {name: value for name, value in manifest.items() if name not in SHOWN}
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


def _show_names(model: ModelVersion) -> None:
    left, right = st.columns(2, gap="large")
    left.caption(Words.REFERENCE)
    left.code(model.reference, language=None)
    right.caption(Words.LIES_AT)
    right.code(model.uri, language=None, wrap_lines=True)


def _show_origin(model: ModelVersion) -> None:
    """Its run, its flow and its data; the whole of it stands with everything else."""
    lineage = model.manifest.get("lineage")
    lineage = lineage if isinstance(lineage, Mapping) else {}
    flow = lineage.get("flow")
    if model.run or flow:
        st.subheader(Words.ORIGIN)
    if model.run:
        label = Words.TRAINED_BY.format(node=plain(model.node or Words.UNKNOWN), run=plain(model.run))
        st.page_link("pages/runs.py", label=label, icon=":material/play_circle:", query_params={"run": model.run})
    if isinstance(flow, str):
        label = Words.FLOW.format(flow=plain(flow), version=plain(lineage.get("flow_version", Words.UNKNOWN)))
        st.page_link("pages/flows.py", label=label, icon=":material/account_tree:", query_params={"flow": flow})
    data = lineage.get("data")
    rows = [_make_text_row(row) for row in data if isinstance(row, Mapping)] if isinstance(data, list) else []
    if rows:
        st.dataframe(rows, hide_index=True)


def _show_params(params: Any) -> None:
    if isinstance(params, Mapping) and params:
        st.subheader(Words.PARAMS)
        rows = [{Words.NAME: clean(str(name)), Words.VALUE: _say_value(value)} for name, value in params.items()]
        st.dataframe(rows, hide_index=True, height="content")


def _make_text_row(row: Mapping[str, Any]) -> dict[str, str]:
    return {clean(str(name)): _say_value(value) for name, value in row.items()}


def _say_value(value: Any) -> str:
    return clean(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _show_metrics(metrics: Any) -> None:
    numbers = _find_numbers(metrics)
    if not numbers:
        return
    st.subheader(Words.METRICS)
    shown = {name: f"{value:.4g}" for name, value in numbers.items()}
    names = list(shown)
    with st.container(horizontal=True):
        for name in names[:BIG_NUMBERS]:
            st.metric(plain(name), shown[name], border=True, width="content")
    if names[BIG_NUMBERS:]:
        show_facts({plain(name): shown[name] for name in names[BIG_NUMBERS:]})


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

"""Examples for the OpenAPI document: of every body and every answer, made of what its fields usually hold."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_MOMENT = "2026-11-28T09:30:00Z"
_FLOW = "dix: 1\nname: digits\nnodes:\n  train_set: {kind: data, uri: digits/train.parquet}\n"
# By the names of fields, which mean the same wherever they stand.
USUAL: dict[str, Any] = {
    **dict.fromkeys(("created", "started", "ended", "updated", "at", "logical_date", "changed", "since"), _MOMENT),
    **dict.fromkeys(("expires", "last_used", "moved", "imported"), _MOMENT),
    **dict.fromkeys(("user", "changed_by", "updated_by", "owner"), "ada"),
    **dict.fromkeys(("run", "retry_of", "origin"), "r1m83jp1h03s64z"),
    **dict.fromkeys(("node", "only"), "cnn"),
    "name": "digits",
    "display_name": "Ada",
    "email": "ada@example.org",
    "id": "r1m83jp1h03s64z",
    "flow": "digits",
    "flow_version": 3,
    "model": "digits",
    "models": {"score": "models:/digits/3"},
    "reference": "models:/digits/3",
    "project": "default",
    "description": "handwritten digits",
    "text": _FLOW,
    **dict.fromkeys(("hash", "sha256"), "9f" * 32),
    "uri": "digits/train.parquet",
    "data": "digits/test.parquet",
    "output": "scores/today/",
    "path": "/v2/models/digits",
    "date": "2026-11-28",
    "day": "2026-11-28",
    "from": "cnn",
    "to": "evaluate",
    "state": "succeeded",
    "driver": "manual",
    "params": {"epochs": 3},
    "selection": {"from": "cnn"},
    "outputs": {"data": "dix/runs/r1m83jp1h03s64z/score/1/data"},
    "digests": {"data": "9f" * 32},
    "metrics": {"accuracy": 0.98},
    "manifest": {"framework": "torch"},
    "aliases": {"champion": 3},
    "alias": "champion",
    "quotas": {"gpu": {"nominal": 4, "borrowing_limit": 2, "lending_limit": None}},
    "cohort": "research",
    "reclaim": "never",
    "currency": "EUR",
    "gpu_type": "H100",
    "gpu_types": {"H100": 4.1},
    "gpu_s_by_type": {"H100": 3600.0},
    "machine": "node-1",
    "kind": "file",
    "stream": "out",
    "next_cursor": None,
    "version": 3,
    "attempt": 1,
    "seq": 7,
    "size_bytes": 1048576,
    "problems": [],
    "error": None,
    "reason": None,
    "trace": None,
    "event": None,
    "role": "user",
    "roles": {"default": "user"},
    "scopes": ["read"],
    "projects": ["default"],
    "visibility": "project",
    "facts": {"kind": "flow", "name": "digit", "nearest": "digits"},
    "type": "urn:dix:problem:not-found",
    "title": "Not found",
    "detail": "no flow digit; did you mean digits?",
    "status": 404,
}
_PLAIN: dict[str, Any] = {"string": "text", "integer": 1, "number": 1.5, "boolean": True, "null": None, "object": {}}


def add_examples(document: dict[str, Any]) -> None:
    """Give each JSON body and answer of the document an example."""
    schemas: dict[str, Schema] = document["components"]["schemas"]
    for item in document["paths"].values():
        for operation in item.values():
            for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
                for media, content in holder.get("content", {}).items():
                    if media.endswith("json") and "schema" in content:
                        content.setdefault("example", make_example(content["schema"], schemas))


def make_example(schema: Schema, schemas: dict[str, Schema], name: str = "") -> Any:
    """Something that fits a schema: what the field usually holds, if that fits, else the simplest there is."""
    if name in USUAL and fits(USUAL[name], schema, schemas):
        return USUAL[name]
    schema = _resolve(schema, schemas)
    for word in ("example", "const", "default"):
        if word in schema:
            return schema[word]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return make_example(schema["anyOf"][0], schemas, name)
    if "allOf" in schema:
        return make_example(schema["allOf"][0], schemas, name)
    return _make_of_kind(schema, schemas, name)


def fits(value: Any, schema: Schema, schemas: dict[str, Schema]) -> bool:
    """Whether a value is of the kind that a schema wants; of objects, whether it has what is required."""
    schema = _resolve(schema, schemas)
    for word in ("anyOf", "allOf"):
        if word in schema:
            return any(fits(value, one, schemas) for one in schema[word])
    if "enum" in schema:
        return value in schema["enum"]
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    kind = kinds.get(type(value), "null")
    wanted = schema.get("type", kind)
    if wanted != kind and not (wanted == "number" and kind == "integer"):
        return False
    return kind != "object" or (set(schema.get("required", ())) <= set(value) and "properties" not in schema)


def _make_of_kind(schema: Schema, schemas: dict[str, Schema], name: str) -> Any:
    kind = schema.get("type")
    if kind == "object" and "properties" in schema:
        return {key: make_example(value, schemas, key) for key, value in schema["properties"].items()}
    if kind == "array":
        return [make_example(schema["items"], schemas, name)] if "items" in schema else []
    if kind in {"integer", "number"} and "minimum" in schema:
        return max(schema["minimum"], _PLAIN[str(kind)])
    return _PLAIN.get(str(kind), "text")


def _resolve(schema: Schema, schemas: dict[str, Schema]) -> Schema:
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return schema

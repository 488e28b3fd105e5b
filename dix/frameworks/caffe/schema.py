"""The messages of Caffe's files, in a descriptor pool of their own.

A second `caffe.proto` in protobuf's default pool ends the process of whoever brought the first; in a pool of our own
the two do not meet. `schema.txt` beside this file has the names and numbers. Messages are protobuf's own dynamic
classes, so their type here is Any.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

TRAIN, TEST = 0, 1

_TABLE = Path(__file__).with_name("schema.txt")
_SCALARS = {
    "bool": descriptor_pb2.FieldDescriptorProto.TYPE_BOOL,
    "bytes": descriptor_pb2.FieldDescriptorProto.TYPE_BYTES,
    "double": descriptor_pb2.FieldDescriptorProto.TYPE_DOUBLE,
    "float": descriptor_pb2.FieldDescriptorProto.TYPE_FLOAT,
    "int32": descriptor_pb2.FieldDescriptorProto.TYPE_INT32,
    "int64": descriptor_pb2.FieldDescriptorProto.TYPE_INT64,
    "string": descriptor_pb2.FieldDescriptorProto.TYPE_STRING,
    "uint32": descriptor_pb2.FieldDescriptorProto.TYPE_UINT32,
}


def make_message(name: str) -> Any:
    """An empty message, for text: `NetParameter`, `SolverParameter`, `LayerParameter` ..."""
    return _load_classes(raw=False)[name]()


def make_raw_message(name: str) -> Any:
    """An empty message, for binary files: the numbers of its blobs are bytes, as packed floats lie in the file.

    That is a hundred times faster to read and to write than a list of Python floats; text cannot be read into it.
    """
    return _load_classes(raw=True)[name]()


def list_messages() -> list[str]:
    """The names of all messages."""
    return sorted(_load_classes(raw=False))


@cache
def _load_classes(*, raw: bool) -> dict[str, Any]:
    pool = descriptor_pool.DescriptorPool()
    table = _read_table(_TABLE.read_text(encoding="utf-8"))
    if raw:
        _take_numbers_as_bytes(table)
    pool.Add(table)
    classes = {}
    for message in table.message_type:
        found = pool.FindMessageTypeByName(f"caffe.{message.name}")
        classes[message.name] = message_factory.GetMessageClass(found)
    return classes


def _read_table(text: str) -> Any:
    """The table as protobuf's description of a file."""
    file = descriptor_pb2.FileDescriptorProto(name="dix/caffe.proto", package="caffe", syntax="proto2")
    message: Any = None
    for line in text.splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "message":
            message = file.message_type.add(name=words[1])
        elif words[0] == "enum":
            _add_enum(file if not line.startswith(" ") else message, words)
        else:
            _add_field(message, words)
    _name_types(file)
    return file


def _add_enum(owner: Any, words: list[str]) -> None:
    """Add an enum's values to a message or the file; a long one goes on in another line of its name."""
    name = words[1].rstrip(":")
    enum = next((known for known in owner.enum_type if known.name == name), None) or owner.enum_type.add(name=name)
    for word in words[2:]:
        value, number = word.split("=")
        enum.value.add(name=value, number=int(number))


def _add_field(message: Any, words: list[str]) -> None:
    name, number, kind = words[:3]
    field = message.field.add(name=name, number=int(number), json_name=name)
    field.label = field.LABEL_REPEATED if kind.endswith("*") else field.LABEL_OPTIONAL
    kind = kind.rstrip("*")
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type_name = kind
    if "packed" in words:
        field.options.packed = True
    if "=" in words:
        field.default_value = words[words.index("=") + 1]


def _take_numbers_as_bytes(file: Any) -> None:
    """On the wire a packed list of floats is a field of bytes."""
    (blob,) = (message for message in file.message_type if message.name == "BlobProto")
    for field in blob.field:
        if field.options.packed:
            field.label, field.type = field.LABEL_OPTIONAL, field.TYPE_BYTES
            field.options.ClearField("packed")


def _name_types(file: Any) -> None:
    """Say of each field of a named type where that type stands, now that all are known."""
    enums = {enum.name: f".caffe.{enum.name}" for enum in file.enum_type}
    for message in file.message_type:
        own = enums | {enum.name: f".caffe.{message.name}.{enum.name}" for enum in message.enum_type}
        for field in message.field:
            if field.type_name:
                is_enum = field.type_name in own
                field.type = field.TYPE_ENUM if is_enum else field.TYPE_MESSAGE
                field.type_name = own[field.type_name] if is_enum else f".caffe.{field.type_name}"

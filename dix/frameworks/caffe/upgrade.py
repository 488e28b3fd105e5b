"""Bring old nets and solvers to today's form: V1 layers, input fields, transform fields, solver types as numbers."""

from __future__ import annotations

from typing import Any

from dix.errors import BadData

# What V1's names become that is not simply the words put together: SOFTMAX is Softmax, INNER_PRODUCT InnerProduct.
_V1_TYPES = {
    "NONE": "", "ABSVAL": "AbsVal", "ARGMAX": "ArgMax", "BNLL": "BNLL", "HDF5_DATA": "HDF5Data",
    "HDF5_OUTPUT": "HDF5Output", "IM2COL": "Im2col", "LRN": "LRN", "MVN": "MVN", "RELU": "ReLU", "TANH": "TanH",
    "SOFTMAX_LOSS": "SoftmaxWithLoss",
}  # fmt: skip
_SOLVER_TYPES = ("SGD", "Nesterov", "AdaGrad", "RMSProp", "AdaDelta", "Adam")
_TRANSFORMS = ("scale", "mean_file", "crop_size", "mirror")
_DATA_PARAMS = {"Data": "data_param", "ImageData": "image_data_param", "WindowData": "window_data_param"}
# Fields of a V1 layer that are not simply carried over by name.
_V1_OWN = {"type", "param", "blob_share_mode", "blobs_lr", "weight_decay"}


def upgrade_net(uri: str, net: Any) -> None:
    """Upgrade a NetParameter, message or raw message, in place; raises BadData for what is too old."""
    _upgrade_v1(uri, net)
    _move_transforms(net)
    _upgrade_inputs(uri, net)
    _freeze_statistics(net)


def upgrade_solver(uri: str, solver: Any) -> None:
    """Upgrade a SolverParameter in place: its type as a word."""
    if not solver.HasField("solver_type"):
        return
    if solver.HasField("type"):
        raise BadData(uri, "it has both type and solver_type", "keep `type`")
    solver.type = _SOLVER_TYPES[solver.solver_type]
    solver.ClearField("solver_type")


def name_v1_type(name: str) -> str:
    """Today's name of a V1 type: `INNER_PRODUCT` is `InnerProduct`."""
    return _V1_TYPES.get(name, "".join(word.capitalize() for word in name.split("_")))


def _upgrade_v1(uri: str, net: Any) -> None:
    if not net.layers:
        return
    if net.layer:
        raise BadData(uri, "it has both `layers` and `layer`", "bring all of them to `layer`")
    for old in net.layers:
        new = net.layer.add()
        if "type" in old.DESCRIPTOR.fields_by_name:
            number = old.type
            new.type = name_v1_type(old.DESCRIPTOR.fields_by_name["type"].enum_type.values_by_number[number].name)
        for described, value in old.ListFields():
            if described.name not in _V1_OWN:
                _carry(new, described, value)
        _upgrade_specs(old, new)
    net.ClearField("layers")


def _carry(new: Any, described: Any, value: Any) -> None:
    if described.message_type is None:
        if described.is_repeated:
            getattr(new, described.name).extend(value)
        else:
            setattr(new, described.name, value)
    elif described.is_repeated:
        getattr(new, described.name).extend(value)
    else:
        getattr(new, described.name).CopyFrom(value)


def _upgrade_specs(old: Any, new: Any) -> None:
    """What V1 says of a layer's weights in four lists becomes one `param` for each."""
    lists = {
        "name": old.param,
        "share_mode": old.blob_share_mode,
        "lr_mult": old.blobs_lr,
        "decay_mult": old.weight_decay,
    }
    for name, values in lists.items():
        for i, value in enumerate(values):
            while len(new.param) <= i:
                new.param.add()
            setattr(new.param[i], name, value)


def _move_transforms(net: Any) -> None:
    """Scale, crop, mirror and mean once stood in the data layers' own fields."""
    for layer in net.layer:
        if layer.type not in _DATA_PARAMS:
            continue
        source = getattr(layer, _DATA_PARAMS[layer.type])
        for name in _TRANSFORMS:
            if source.HasField(name):
                setattr(layer.transform_param, name, getattr(source, name))
                source.ClearField(name)


def _upgrade_inputs(uri: str, net: Any) -> None:
    """`input` with `input_dim` or `input_shape` becomes an Input layer at the front."""
    shapes = [list(shape.dim) for shape in net.input_shape]
    if not shapes and net.input_dim:
        dims = list(net.input_dim)
        shapes = [dims[i : i + 4] for i in range(0, len(dims), 4)]
    if shapes:
        if len(shapes) != len(net.input) or any(not shape for shape in shapes):
            raise BadData(uri, f"it has {len(net.input)} inputs and shapes for {len(shapes)}", "give each input one")
        front = type(net)().layer.add()
        front.name, front.type = "input", "Input"
        front.top.extend(net.input)
        for shape in shapes:
            front.input_param.shape.add().dim.extend(shape)
        net.layer.insert(0, front)
    for name in ("input", "input_shape", "input_dim"):
        net.ClearField(name)


def _freeze_statistics(net: Any) -> None:
    """Batch norm's three blobs are statistics, not weights, whatever an old file says of them."""
    for layer in net.layer:
        if layer.type == "BatchNorm":
            for spec in layer.param:
                spec.lr_mult = spec.decay_mult = 0.0

"""Write a net's weights beside its card, and read them back without running anything."""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from dix.errors import BadModel

WEIGHTS_FILE = "weights.safetensors"


def save_weights(folder: Path, net: nn.Module) -> None:
    """Write all weights and buffers of the net."""
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in net.state_dict().items()}
    save_file(weights, folder / WEIGHTS_FILE)


def load_weights(folder: Path, net: nn.Module) -> None:
    """Fill `net` (it may lie on the meta device, without memory) from the folder; raises BadModel unless all fits."""
    path = folder / WEIGHTS_FILE
    if not path.is_file():
        raise BadModel(str(folder), f"it has no {WEIGHTS_FILE}")
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            found = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
            _check_shapes(folder, net.state_dict(), found)
            weights = {name: file.get_tensor(name) for name in found}
    except SafetensorError as error:
        raise BadModel(str(folder), f"{WEIGHTS_FILE} is damaged ({error})") from error
    net.load_state_dict(weights, assign=True)


def _check_shapes(folder: Path, wanted: dict[str, Tensor], found: dict[str, tuple[int, ...]]) -> None:
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            raise BadModel(str(folder), f"{WEIGHTS_FILE} lacks {name}")
        if name not in wanted:
            raise BadModel(str(folder), f"{WEIGHTS_FILE} has {name}, which the net in model.json does not")
        shape = tuple(wanted[name].shape)
        if shape != found[name]:
            raise BadModel(str(folder), f"{name} has shape {found[name]}, the net in model.json wants {shape}")

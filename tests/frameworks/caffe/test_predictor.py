from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dix.errors import BadModel, BadValue
from dix.frameworks.base import Predictor
from dix.frameworks.caffe.files import write_mean
from dix.frameworks.caffe.saving import SaveOrder, save_model
from dix.frameworks.caffe.schema import TEST
from dix.frameworks.lookup import load_predictor
from tests.frameworks.caffe.making import NET, make_net, write_lmdb, write_project
from tests.frameworks.caffe.test_saving import IMAGES

CHANCE = np.random.default_rng(0)


def save_rows(folder: Path) -> Path:
    write_project(folder)
    net = make_net(NET, TEST, folder)
    (folder / "model").mkdir()
    save_model(SaveOrder(folder / "model", net, net))
    return folder / "model"


def test_a_classifier_answers_labels_and_probabilities_of_any_number_of_rows(tmp_path: Path) -> None:
    predictor: Predictor = load_predictor(save_rows(tmp_path))
    answer = predictor.predict({"data": CHANCE.normal(size=(130, 3)).astype(np.float32)})
    assert answer["probabilities"].shape == (130, 2)
    np.testing.assert_allclose(answer["probabilities"].sum(axis=1), 1, rtol=1e-6)
    assert answer["label"].tolist() == [str(place) for place in answer["probabilities"].argmax(axis=1)]
    assert predictor.predict({"data": np.zeros((0, 3), np.float32)})["probabilities"].shape == (0, 2)
    with pytest.raises(BadValue, match="data"):
        predictor.predict({"data": np.zeros((2, 4), np.float32)})


@pytest.mark.parametrize("transform", ["scale: 0.5 mean_value: [1, 2, 3]", 'crop_size: 6 mean_file: "m"'])
def test_raw_pixels_are_prepared_as_the_data_layer_did(tmp_path: Path, transform: str) -> None:
    pixels = CHANCE.integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    write_lmdb(tmp_path / "records", pixels[:, :, :, ::-1].transpose(0, 3, 1, 2), [0, 1])
    write_mean(tmp_path / "m", CHANCE.normal(size=(3, 8, 8)).astype(np.float32))
    net = make_net(
        IMAGES.format(transform=transform) + 'layer { name: "p" type: "Softmax" bottom: "ip" top: "p" }', TEST, tmp_path
    )
    (tmp_path / "model").mkdir()
    save_model(SaveOrder(tmp_path / "model", net, net))
    answer = load_predictor(tmp_path / "model").predict({"image": pixels})
    np.testing.assert_allclose(answer["probabilities"], net.forward()["p"].detach(), rtol=1e-5)


def test_images_of_all_sizes_are_cropped_or_too_small(tmp_path: Path) -> None:
    write_lmdb(tmp_path / "records", np.zeros((2, 1, 8, 8)), [0, 1])
    net = make_net(IMAGES.format(transform="crop_size: 6"), TEST, tmp_path)
    (tmp_path / "model").mkdir()
    save_model(SaveOrder(tmp_path / "model", net, net))
    predictor = load_predictor(tmp_path / "model")
    images = np.empty(2, dtype=object)
    images[:] = [np.zeros((9, 7), np.uint8), np.zeros((6, 12), np.uint8)]
    assert len(predictor.predict({"image": images})["label"]) == 2
    with pytest.raises(BadValue, match="images of at least 6 x 6"):
        predictor.predict({"image": np.zeros((1, 5, 9), np.uint8)})


def test_a_card_that_does_not_fit_its_net_is_refused(tmp_path: Path) -> None:
    folder = save_rows(tmp_path)
    card = json.loads((folder / "model.json").read_text())
    card["net"]["output"] = "nothing"
    (folder / "model.json").write_text(json.dumps(card))
    with pytest.raises(BadModel, match="an output that the net does not have"):
        load_predictor(folder)

"""Real handwritten digits, as a small data set to try things with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image

from dix.data.dividing import divide

TEST_FRACTION = 0.2
SIDE = 8


def write_digits(folder: Path) -> None:
    """Write scikit-learn's 1,797 digits (UCI, Alpaydin and Kaynak 1998), 8 x 8 grey, into `folder`.

    `train/` and `test/` are class folders of PNG files; `train.parquet` and `test.parquet` hold the same images as
    lists of 8 x 8 numbers (`image`) with their class as text (`label`). The split is fixed, a fifth of each class is
    for the test, and the files are the same each time.
    """
    from sklearn.datasets import load_digits

    digits = load_digits()
    # The source counts 0 to 16 black points a place; a PNG wants 0 to 255.
    images = np.round(digits.images * (255 / 16)).astype(np.uint8)
    targets = digits.target.astype(np.int64)
    is_test = divide(targets, (1 - TEST_FRACTION, TEST_FRACTION), seed=0) == 1
    for name, chosen in (("train", ~is_test), ("test", is_test)):
        places = np.flatnonzero(chosen)
        _write_files(folder / name, images, targets, places)
        _write_table(folder / f"{name}.parquet", images[places], targets[places])


def _write_files(
    folder: Path, images: NDArray[np.uint8], targets: NDArray[np.int64], places: NDArray[np.int64]
) -> None:
    for target in np.unique(targets):
        (folder / str(target)).mkdir(parents=True, exist_ok=True)
    for place in places:
        Image.fromarray(images[place]).save(folder / str(targets[place]) / f"{place:04d}.png")


def _write_table(path: Path, images: NDArray[np.uint8], targets: NDArray[np.int64]) -> None:
    rows = pa.FixedSizeListArray.from_arrays(pa.array(images.reshape(-1)), SIDE)
    column = pa.FixedSizeListArray.from_arrays(rows, SIDE)
    labels = pa.array([str(target) for target in targets])
    pq.write_table(pa.table({"image": column, "label": labels}), path, compression="zstd")

"""Training data is read the same from files and tables, and says which file, column and row is wrong."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from dix.data.bad_rows import BadRows
from dix.data.labelled import ImageOptions, LabelledImages
from dix.data.reading import read_labelled_images
from dix.errors import BadData, DataMissing
from dix.frameworks.resize import resize_image
from dix.store.store import Store

IMAGES = np.random.default_rng(0).integers(0, 255, (6, 5, 4), dtype=np.uint8)
LABELS = ["cat", "cat", "cat", "dog", "dog", "dog"]


def encode(image: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "PNG")
    return stream.getvalue()


def write_folders(root: Path) -> None:
    for number, (image, label) in enumerate(zip(IMAGES, LABELS, strict=True)):
        (root / "set" / label).mkdir(parents=True, exist_ok=True)
        (root / "set" / label / f"{number}.png").write_bytes(encode(image))


def write_parquet(root: Path, column: Any, **columns: Any) -> None:
    (root / "set").mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"image": column, **({"label": LABELS} | columns)}), root / "set" / "rows.parquet")


def write_struct(root: Path) -> None:
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    write_parquet(root, pa.array([{"bytes": encode(image), "path": "x"} for image in IMAGES], kind))


def write_json(root: Path) -> None:
    (root / "set").mkdir()
    rows = [{"image": image.tolist(), "label": label} for image, label in zip(IMAGES, LABELS, strict=True)]
    (root / "set" / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in rows))


def write_flat(root: Path) -> None:
    write_parquet(root, pa.array(IMAGES.reshape(6, 20).tolist()))


WRITERS: dict[str, tuple[Callable[[Path], None], ImageOptions]] = {
    "class folders": (write_folders, ImageOptions()),
    "encoded": (lambda root: write_parquet(root, [encode(image) for image in IMAGES]), ImageOptions()),
    "struct": (write_struct, ImageOptions()),
    "nested lists": (lambda root: write_parquet(root, pa.array(IMAGES.tolist())), ImageOptions()),
    "flat lists": (write_flat, ImageOptions(flat_size=(5, 4))),
    "json": (write_json, ImageOptions()),
}


def read(store: Store, options: ImageOptions | None = None) -> LabelledImages:
    return read_labelled_images(store, "set", options or ImageOptions())


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("threads", [1, 2])
def test_every_layout_gives_the_same_images(store: Store, root: Path, name: str, threads: int) -> None:
    write, options = WRITERS[name]
    write(root)
    found = read(store, ImageOptions(flat_size=options.flat_size, threads=threads))
    assert found.images.dtype == np.uint8
    np.testing.assert_array_equal(found.images, IMAGES)
    assert list(found.labels) == LABELS


def test_numbers_beyond_a_byte_are_kept_as_floats(store: Store, root: Path) -> None:
    write_parquet(root, pa.array((IMAGES / 255.0).tolist()))
    assert read(store).images.dtype == np.float32


def test_grey_beside_colour_becomes_colour(store: Store, make_image: Callable[..., Path]) -> None:
    make_image("set/a/1.png")
    make_image("set/b/1.png", colours=3)
    assert read(store).images.shape == (2, 8, 8, 3)


def test_images_of_two_sizes_are_refused_by_name(store: Store, make_image: Callable[..., Path]) -> None:
    make_image("set/a/1.png")
    make_image("set/b/2.png", size=(10, 9))
    with pytest.raises(BadData, match=r"b/2\.png: 9 x 10 pixels, but the images before are 8 x 8; set image_size"):
        read(store)


def test_a_size_brings_all_images_to_it(store: Store, make_image: Callable[..., Path]) -> None:
    make_image("set/a/1.png")
    make_image("set/b/2.png", size=(10, 9))
    assert read(store, ImageOptions(resize=partial(resize_image, height=6, width=7))).images.shape == (2, 6, 7)


def test_an_empty_class_is_named(store: Store, root: Path, make_image: Callable[..., Path]) -> None:
    make_image("set/a/1.png")
    (root / "set" / "b").mkdir()
    with pytest.raises(BadData, match="set: the class folder b has no images"):
        read(store)


def test_a_loose_image_is_named(store: Store, make_image: Callable[..., Path]) -> None:
    make_image("set/a/1.png")
    make_image("set/2.png")
    with pytest.raises(BadData, match=r"set: 2\.png lies in no class folder"):
        read(store)


def test_sets_are_not_taken_for_classes(store: Store, make_image: Callable[..., Path]) -> None:
    make_image("set/train/a/1.png")
    make_image("set/test/a/1.png")
    with pytest.raises(BadData, match=r"its folders are sets \(test, train\), not classes"):
        read(store)


def test_a_damaged_image_is_named(store: Store, make_image: Callable[..., Path]) -> None:
    for number in range(40):
        path = make_image(f"set/a/{number:02d}.png", size=(64, 64))
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(BadData, match=r"a/39\.png: the image is damaged"):
        read(store)


def test_a_missing_image_column_is_named(store: Store, root: Path) -> None:
    write_parquet(root, pa.array(IMAGES.tolist()))
    with pytest.raises(BadData, match=r"there is no column images; did you mean image\?"):
        read(store, ImageOptions(image_column="images"))


def test_a_missing_label_column_is_named(store: Store, root: Path) -> None:
    write_parquet(root, pa.array(IMAGES.tolist()))
    with pytest.raises(BadData, match="there is no column klass; its columns are image, label"):
        read(store, ImageOptions(label_column="klass"))


def test_a_missing_label_names_its_row(store: Store, root: Path) -> None:
    write_parquet(root, pa.array(IMAGES.tolist()), label=["a", "b", None, "a", "b", "a"])
    with pytest.raises(BadData, match="column label has no label in row 2"):
        read(store)


def test_nan_names_its_row(store: Store, root: Path) -> None:
    values = IMAGES / 255.0
    values[4, 0, 0] = np.nan
    write_parquet(root, pa.array(values.tolist()))
    with pytest.raises(BadData, match="column image, row 4: a value is NaN"):
        read(store)


def test_a_column_of_numbers_is_no_image(store: Store, root: Path) -> None:
    write_parquet(root, list(range(6)))
    with pytest.raises(BadData, match="column image is of type int64, which is no image"):
        read(store)


def test_a_flat_list_that_is_no_square_wants_a_size(store: Store, root: Path) -> None:
    write_flat(root)
    with pytest.raises(BadData, match="20 numbers an image, not 4 x 4; set image_size"):
        read(store)


def test_a_broken_picture_in_a_table_names_its_row(store: Store, root: Path) -> None:
    write_parquet(root, [*(encode(image) for image in IMAGES[:5]), b"no picture"])
    with pytest.raises(BadData, match=r"rows\.parquet, column image, row 5: the file is not an image"):
        read(store)


def test_more_images_than_memory_are_refused(store: Store, root: Path) -> None:
    write_folders(root)
    with pytest.raises(BadData, match="more than the 0 MiB of memory that the node has"):
        read(store, ImageOptions(memory_bytes=50))


def test_other_formats_say_what_would_do(store: Store, root: Path) -> None:
    (root / "set").mkdir()
    (root / "set" / "a.txt").write_text("hello")
    with pytest.raises(BadData, match="images cannot be read from the format text; give it class folders"):
        read(store)


def test_nothing_there_is_missing_data(store: Store) -> None:
    with pytest.raises(DataMissing):
        read(store)


def test_a_table_without_rows_says_so(store: Store, root: Path) -> None:
    (root / "set").mkdir()
    schema = pa.schema([("image", pa.list_(pa.int8())), ("label", pa.string())])
    pq.write_table(schema.empty_table(), root / "set" / "rows.parquet")
    with pytest.raises(BadData, match=r"rows\.parquet: there are no rows"):
        read(store)


def test_a_share_of_bad_files_is_left_out(store: Store, make_image: Callable[..., Path]) -> None:
    for number in range(10):
        path = make_image(f"set/{'ab'[number % 2]}/{number}.png")
    path.write_text("a text that calls itself a picture")
    make_image("set/a/8.png", size=(10, 9))
    bad_rows = BadRows(0.2)
    found = read(store, ImageOptions(bad_rows=bad_rows, threads=2))
    assert (len(found.images), len(found.labels), bad_rows.count) == (8, 8, 2)
    with pytest.raises(
        BadData, match=r"set: 2 of 10 cannot be used, 20\.00%, and bad_rows allows 10\.00%; the first: "
    ):
        read(store, ImageOptions(bad_rows=BadRows(0.1)))


@pytest.mark.parametrize("is_encoded", [True, False])
def test_a_share_of_bad_rows_is_left_out(store: Store, root: Path, is_encoded: bool) -> None:
    values = (IMAGES / 255.0).tolist()
    values[4][0][0] = float("nan")
    encoded = [*(encode(image) for image in IMAGES[:4]), b"no picture", encode(IMAGES[5])]
    write_parquet(root, encoded if is_encoded else pa.array(values), label=["a", "b", None, "a", "b", "c"])
    bad_rows = BadRows(0.4)
    found = read(store, ImageOptions(bad_rows=bad_rows))
    assert list(found.labels) == ["a", "b", "a", "c"]
    kept = IMAGES[[0, 1, 3, 5]]
    np.testing.assert_allclose(found.images, kept if is_encoded else kept / 255.0, rtol=1e-6)
    assert bad_rows.count == 2

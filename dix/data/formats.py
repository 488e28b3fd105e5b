"""Tell the format of a file: by what its name ends in, and by what its first bytes are."""

from __future__ import annotations

from pathlib import PurePosixPath

# The formats a data node may name, beside `auto`.
FORMATS = (
    "parquet", "csv", "json", "images", "audio", "video", "text", "numpy", "tfrecord", "lmdb", "hdf5", "files",
)  # fmt: skip

# How much of a file's beginning `sniff_formats` wants to see.
HEAD_BYTES = 4096

_ENDINGS = {
    "parquet": "parquet pq",
    "csv": "csv tsv",
    "json": "json jsonl ndjson",
    "images": "png jpg jpeg gif bmp tif tiff webp ppm pgm",
    "audio": "wav flac mp3 ogg oga opus m4a aac",
    "video": "mp4 avi mov mkv webm m4v mpg mpeg",
    "text": "txt text log md rst",
    "numpy": "npy npz",
    "tfrecord": "tfrecord tfrecords",
    "lmdb": "mdb lmdb",
    "hdf5": "h5 hdf5 he5",
}
_FORMAT_OF = {ending: name for name, endings in _ENDINGS.items() for ending in endings.split()}
_COMPRESSED = {".gz", ".bz2", ".zst"}
_MAGIC: tuple[tuple[int, bytes, tuple[str, ...]], ...] = (
    (0, b"PAR1", ("parquet",)),
    (0, b"\x89PNG\r\n\x1a\n", ("images",)),
    (0, b"\xff\xd8\xff", ("images",)),
    (0, b"GIF8", ("images",)),
    (0, b"II*\x00", ("images",)),
    (0, b"MM\x00*", ("images",)),
    (8, b"WEBP", ("images",)),
    (8, b"WAVE", ("audio",)),
    (0, b"fLaC", ("audio",)),
    (0, b"ID3", ("audio",)),
    (0, b"OggS", ("audio", "video")),
    (8, b"AVI ", ("video",)),
    (0, b"\x1aE\xdf\xa3", ("video", "audio")),
    (0, b"\x00\x00\x01\xba", ("video",)),
    (0, b"\x93NUMPY", ("numpy",)),
    (0, b"PK\x03\x04", ("numpy",)),
    (0, b"\x89HDF\r\n\x1a\n", ("hdf5",)),
    (16, b"\xde\xc0\xef\xbe", ("lmdb",)),
)
_TEXT_LIKE = ("text", "csv", "json")


def name_format(path: str) -> str | None:
    """The format that a file's name claims (`.csv.gz` claims csv); None for a name that claims nothing."""
    name = PurePosixPath(path.lower())
    if name.suffix in _COMPRESSED:
        name = name.with_suffix("")
    if ".tfrecord-" in name.name:
        return "tfrecord"
    return _FORMAT_OF.get(name.suffix.removeprefix("."))


def is_compressed(path: str) -> bool:
    """Whether the name says that the whole file is compressed, so that its first bytes tell nothing."""
    return PurePosixPath(path.lower()).suffix in _COMPRESSED


def sniff_formats(head: bytes) -> tuple[str, ...]:
    """The formats that a file beginning with `head` (HEAD_BYTES of it, or all) may have; empty when unknown.

    Text may be csv or json as well, so all three are answered; JSON comes first where it begins as JSON does.
    """
    for offset, magic, formats in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return formats
    media = _sniff_media(head)
    if media:
        return media
    if _is_text(head):
        return ("json", "text", "csv") if head.lstrip()[:1] in (b"{", b"[") else _TEXT_LIKE
    return ("tfrecord",) if _is_tfrecord(head) else ()


def _sniff_media(head: bytes) -> tuple[str, ...]:
    """Formats whose first bytes are a pattern, not a text."""
    if head[4:8] == b"ftyp":
        return ("images",) if head[8:12] in (b"avif", b"heic", b"mif1") else ("video", "audio")
    is_bitmap = head[:2] == b"BM" and head[6:10] == b"\0\0\0\0"
    is_portable = head[:2] in (b"P2", b"P3", b"P5", b"P6") and head[2:3].isspace()
    if is_bitmap or is_portable:
        return ("images",)
    is_mpeg_audio = len(head) >= 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0
    return ("audio",) if is_mpeg_audio else ()


def _is_text(head: bytes) -> bool:
    if not head or b"\0" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A sign cut in two by the end of the head is no fault.
        return error.start >= len(head) - 3
    return True


def _is_tfrecord(head: bytes) -> bool:
    """Eight bytes of length, then the masked CRC-32C of them (the TFRecord format of TensorFlow)."""
    if len(head) < 12:
        return False
    crc = _compute_crc32c(head[:8])
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    return masked == int.from_bytes(head[8:12], "little")


def _compute_crc32c(content: bytes) -> int:
    """CRC-32C (Castagnoli), bit by bit: it is only ever asked for eight bytes."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF

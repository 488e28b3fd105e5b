"""What lies in the store of the world: a table, pictures, a sound and a text, one with a name that tries to be more."""

from __future__ import annotations

import io
import math
import struct
import wave

from PIL import Image

from dix.store.store import Store

# As EVIL in world.py, for where no slash can stand.
EVIL_NAME = "<script>window.hurt=1<img src=x onerror='window.hurt=1'> **bold** 名前 🧪.csv"


def fill_store(store: Store) -> None:
    """Put it there."""
    lines = ["id,width,label,note"]
    lines += [
        f"{i},{20 + 10 * math.sin(i / 9):.3f},{'abc'[i % 3]},{'<b>粗体</b>' if i == 2 else ''}" for i in range(400)
    ]
    table = "\n".join(lines).encode()
    store.write_bytes("shop/sales.csv", table)
    store.write_bytes(f"shop/{EVIL_NAME}", table)
    store.write_bytes("notes/read me.txt", "Hello <script>window.hurt=1</script>\n第二行\n".encode())
    store.write_bytes("sounds/tone.wav", _make_tone())
    for i in range(8):
        store.write_bytes(f"digits/images/{i}.png", _make_picture(i))


def _make_picture(number: int) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").rotate(45 * number).resize((96, 96)).save(out, "PNG")
    return out.getvalue()


def _make_tone() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(i / 3))) for i in range(8000)))
    return out.getvalue()

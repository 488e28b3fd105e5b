from __future__ import annotations

import pytest

from dix.errors import BadData
from dix.frameworks.caffe.prototxt import Unknown, format_text, parse_text
from dix.frameworks.caffe.schema import make_message


def read(text: str, name: str = "NetParameter") -> tuple[object, list[Unknown]]:
    message = make_message(name)
    return message, parse_text("net.prototxt", text, message)


def test_text_in_all_its_spellings_is_read() -> None:
    text = """
    name: 'a' "b"  # a comment
    layer { name: "c\\n" type: "Convolution", bottom: ["x", "y"]; convolution_param < kernel_size: 0x3 pad: [1, 2] > }
    layer { name: "p" pooling_param: { pool: AVE global_pooling: true } power_param { scale: -1.5e-3 shift: 2f } }
    """
    net, unknown = read(text)
    assert unknown == []
    assert net.name == "ab"
    assert list(net.layer[0].bottom) == ["x", "y"]
    assert list(net.layer[0].convolution_param.pad) == [1, 2]
    assert (net.layer[1].pooling_param.pool, net.layer[1].power_param.shift) == (1, 2.0)
    again, _ = read(format_text(net))
    assert again == net


def test_what_is_not_known_is_named_with_its_layer_and_line() -> None:
    text = 'layer {\n name: "perm"\n permute_param { order: [0, 1] n < a: 1 > }\n pooling_param { pool: BEST } }\nx: 1'
    net, unknown = read(text)
    assert net.layer[0].name == "perm"
    assert unknown == [
        Unknown("layer(perm).permute_param", 3),
        Unknown("layer(perm).pooling_param.pool: BEST", 4),
        Unknown("NetParameter.x", 5),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('layer { name: "a"', "ends in the middle"),
        ("name: 3", "line 1: name cannot be 3"),
        ("\nforce_backward: maybe", "line 2: force_backward cannot be maybe"),
        ("name @", "does not belong"),
        ('name "a"', "expected a colon after name"),
        ("layer: 1", "expected a block"),
        ("} name", "expected the name of a field"),
        ("input_dim: 1.5", "input_dim cannot be 1.5"),
    ],
)
def test_wrong_text_gets_a_sentence_with_its_line(text: str, said: str) -> None:
    with pytest.raises(BadData, match=said) as caught:
        read(text)
    assert "net.prototxt" in str(caught.value)

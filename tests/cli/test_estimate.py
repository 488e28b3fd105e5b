"""`dix run --estimate`."""

from __future__ import annotations

from tests.cli.conftest import Dix


def test_an_estimate_is_a_table_and_two_sentences(dix: Dix, flow_file: str) -> None:
    said = dix("run", flow_file, "--estimate")
    assert said.code == 0
    assert "train_set  0:01:30  3 attempts: 0:01:00 to 0:02:00  1.50 EUR" in said.out
    assert "no earlier run of node cnn" in said.out
    assert "it takes at least 0:01:30 (train_set), costs 1.50 EUR, with no waiting and nothing cached" in said.err
    assert "not known, and not in these sums: no earlier run of cnn" in said.err
    assert dix("runs", "list", "--json").json()["items"] == []


def test_an_estimate_is_a_document(dix: Dix, flow_file: str) -> None:
    assert dix("run", flow_file, "--estimate", "--json").json()["seconds"] == 90.0

"""The configuration that Ray Serve writes, cut down."""

import importlib.util
import os
import runpy
import subprocess
import sys
from pathlib import Path

from dix.serve import haproxy_launcher
from dix.serve.haproxy_launcher import trim_config

CONFIG = """global
    log 127.0.0.1:514 local0 info
    stats socket /tmp/x/s mode 666 level admin expose-fd listeners
    stats timeout 30s
defaults
    mode http
    option log-health-checks
    log global
    option httplog
    option idle-close-on-response
frontend prometheus
    bind :9101
    mode http
    no log
frontend http_frontend
    bind 127.0.0.1:8000
    use_backend http-a if is_a
backend http-a
    log global
    server a 127.0.0.1:20000 check
listen stats
  bind *:8404
  stats enable
"""

TRIMMED = """global
    stats socket /tmp/x/s mode 600 level admin expose-fd listeners
    stats timeout 30s
defaults
    option forwardfor
    mode http
frontend http_frontend
    http-request del-header x-forwarded-for
    bind 127.0.0.1:8000
    use_backend http-a if is_a
backend http-a
    server a 127.0.0.1:20000 check
"""


def test_admin_ports_and_logs_are_cut_and_the_rest_is_kept() -> None:
    assert trim_config(CONFIG) == TRIMMED


def test_what_serve_writes_has_no_other_port_than_its_front() -> None:
    folder = importlib.util.find_spec("ray").submodule_search_locations[0]
    template = runpy.run_path(str(Path(folder) / "serve/_private/haproxy_templates.py"))["HAPROXY_CONFIG_TEMPLATE"]
    text = trim_config(template)
    binds = [line.strip() for line in text.splitlines() if line.split()[:1] == ["bind"]]
    assert binds == [
        "bind {{ config.frontend_host }}:{{ config.frontend_port }}",
        "bind {{ config.grpc_frontend_host }}:{{ config.grpc_frontend_port }} proto h2",
    ]
    assert "stats_port" in template
    assert "stats_port" not in text
    assert "metrics_port" not in text
    assert "mode 666" not in text
    assert text.count("del-header x-forwarded-for") == 1


def test_it_becomes_the_binary_with_the_trimmed_file(tmp_path: Path) -> None:
    config = tmp_path / "haproxy.cfg"
    config.write_text(CONFIG)
    binary = tmp_path / "binary"
    binary.write_text('#!/bin/sh\necho "$$ $@"\n')
    binary.chmod(0o700)
    launcher = Path(haproxy_launcher.__file__)
    process = subprocess.Popen(
        [sys.executable, "-IS", str(launcher), str(binary), "-db", "-f", str(config), "-sf", "7"],
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"]},
    )
    said, _ = process.communicate(timeout=20)
    assert said.split() == [str(process.pid), "-db", "-f", str(config), "-sf", "7"]
    assert config.read_text() == TRIMMED

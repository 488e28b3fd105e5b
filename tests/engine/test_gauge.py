"""What a step uses is measured from its beginning on, and its children count."""

from __future__ import annotations

import resource
import subprocess
import sys
import time

from dix.engine.gauge import Gauge

MIB = 2**20


def burn(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_cpu_time_of_the_process_counts_from_the_beginning() -> None:
    burn(0.05)
    gauge = Gauge()
    burn(0.1)
    used = gauge.read().cpu_s
    assert used is not None
    assert 0.08 <= used < 5


def test_time_that_is_slept_is_not_used() -> None:
    gauge = Gauge()
    time.sleep(0.2)
    used = gauge.read().cpu_s
    assert used is not None
    assert used < 0.15


def test_cpu_time_of_a_child_counts_once_it_has_ended() -> None:
    gauge = Gauge()
    code = "import time\nwhile time.process_time() < 0.3: pass"
    subprocess.run([sys.executable, "-c", code], check=True)
    used = gauge.read().cpu_s
    assert used is not None
    assert used >= 0.25


def test_the_peak_is_of_this_step_and_not_of_the_one_before() -> None:
    before = bytearray(300 * MIB)
    del before
    base = Gauge().read().peak_memory_bytes
    gauge = Gauge()
    held = bytearray(100 * MIB)
    del held
    peak = gauge.read().peak_memory_bytes
    assert base is not None
    assert peak is not None
    assert 90 * MIB <= peak - base < 200 * MIB


def test_the_peak_of_a_child_counts() -> None:
    size = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 + 200 * MIB  # larger than any before
    gauge = Gauge()
    subprocess.run([sys.executable, "-c", f"b'x' * {size}"], check=True)
    peak = gauge.read().peak_memory_bytes
    assert peak is not None
    assert peak >= size

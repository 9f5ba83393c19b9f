"""A `siyu run` whose steps are seen as they begin, so that it can be killed in any.

Its progress display goes to a pseudo-terminal: that is where a person would read them.
"""

from __future__ import annotations

import fcntl
import os
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from pathlib import Path

from siyu_command import SIYU, clean_environment

START = "start"
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_STEP = re.compile(
    r"(Load \w+|Check landing|Build the marts|Check marts|Publish|Export|Report|"
    r"Deliver)"
)


class WatchedRun:
    """A run in its own process group; ``began`` is when each step was first seen."""

    def __init__(self, config: Path, warehouse: Path, *arguments: str) -> None:
        self.began: dict[str, float] = {START: time.monotonic()}
        self._change = threading.Condition()
        leader, follower = os.openpty()
        size = struct.pack("HHHH", 60, 160, 0, 0)
        fcntl.ioctl(follower, termios.TIOCSWINSZ, size)
        self.process = subprocess.Popen(
            [SIYU, "run", "--config", config, "--warehouse", warehouse, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=follower,
            env=clean_environment(TERM="xterm"),
            start_new_session=True,
        )
        os.close(follower)
        self.text = ""
        self._reader = threading.Thread(target=self._read, args=(leader,), daemon=True)
        self._reader.start()

    def _read(self, leader: int) -> None:
        rest = b""
        while True:
            try:
                block = os.read(leader, 65536)
            except OSError:  # the other end is closed
                block = b""
            if not block:
                break
            rest += block
            text = _CONTROL.sub("", rest.decode(errors="replace"))
            # The last line may be half written.
            rest = rest[rest.rfind(b"\n") + 1 :]
            with self._change:
                self.text = (self.text + text)[-20_000:]
                for step in _STEP.findall(text):
                    self.began.setdefault(step, time.monotonic())
                self._change.notify_all()
        os.close(leader)
        with self._change:
            self._change.notify_all()

    @property
    def step(self) -> str:
        """The last step that was seen to begin."""
        return list(self.began)[-1]

    def wait_for(self, step: str) -> bool:
        """Wait until a step begins; false if the run ends before."""
        with self._change:
            self._change.wait_for(
                lambda: step in self.began or not self._reader.is_alive(), timeout=600
            )
            return step in self.began

    def kill(self) -> bool:
        """`kill -9` the whole group; whether the run was still going on."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self._reader.join(timeout=60)
        return self.process.wait(timeout=60) == -signal.SIGKILL

    def finish(self) -> int:
        """Wait for the end of the run, and return its exit status."""
        status = self.process.wait(timeout=900)
        self._reader.join(timeout=60)
        return status

    def durations(self) -> dict[str, float]:
        """How long each step took, once the run has ended."""
        times = [*self.began.values(), time.monotonic()]
        return {
            step: times[index + 1] - began
            for index, (step, began) in enumerate(self.began.items())
        }

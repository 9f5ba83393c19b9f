"""The drt project reads what was exported and hands it on over HTTP, each message once.

Needs the optional dependency: `pip install -e .[drt]`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from support.published import DAY, publish_by_hand, shop_with

from pipeline.activation.deliver import export_published
from pipeline.config.destination_templates import TEMPLATES
from pipeline.config.project import PROJECT_DIR

pytest.importorskip("drt")

PROJECT = PROJECT_DIR / "integrations" / "drt"
Inbox = list[dict[str, Any]]


@pytest.fixture
def inbox() -> Iterator[tuple[str, Inbox]]:
    """The address of a server on this machine, and what it has been sent."""
    received: Inbox = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(json.loads(body))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", received
    server.shutdown()


def test_each_message_is_sent_once(tmp_path: Path, inbox: tuple[str, Inbox]) -> None:
    address, received = inbox
    columns = {**TEMPLATES["wecom_message"]["columns"], "delivery": "delivery"}
    settings = shop_with(
        tmp_path,
        {
            "name": "wecom_messages",
            "template": "wecom_message",
            "touches": {"channels": ["wecom"]},
            "format": "jsonl",
            "columns": columns,
        },
    )
    project = tmp_path / "drt"
    shutil.copytree(PROJECT, project)
    (tmp_path / ".drt").mkdir()
    shutil.copy(PROJECT / "profiles.example.yml", tmp_path / ".drt" / "profiles.yml")
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "DO_NOT_TRACK": "1",
        "SIYU_EXPORTS": str(settings.warehouse / "exports"),
        "SIYU_MESSAGES_URL": address,
    }
    sent: list[list[str]] = []
    for day, touches in enumerate((["t1", "t2"], ["t2", "t3"], [])):
        publish_by_hand(
            settings.warehouse,
            day=DAY + timedelta(days=day),
            touches=[(touch, f'say "{touch}"', "send") for touch in touches],
        )
        export_published(settings)
        done = subprocess.run(
            [sys.executable, "-c", "from drt.cli.main import app; app()", "run"],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        sent.append(sorted(message["touch"] for message in received))
    assert sent == [["t1", "t2"], ["t1", "t2", "t3"], ["t1", "t2", "t3"]]
    assert {message["to"] for message in received} == {
        f'say "{touch}"' for touch in ("t1", "t2", "t3")
    }

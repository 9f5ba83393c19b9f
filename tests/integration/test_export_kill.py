"""An export that is killed with SIGKILL at any moment, and then run again.

Cost: a process of a second for each moment.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from support.published import DAY, publish_by_hand, shop_with
from support.receiver import Received, manifest_files

from pipeline.activation.deliver import export_published, plan
from pipeline.config.settings import Settings

SCRIPT = Path(__file__).with_name("killed_export.py")
COLUMNS = {"customer_id": "customer_id", "list": "list", "change": "change"}
DESTINATIONS = (
    {"name": "tags", "audiences": ["*"], "columns": COLUMNS, "max_rows": 2},
    {
        "name": "calls",
        "touches": {},
        "columns": {**COLUMNS, "touch_id": "touch.touch_id"},
    },
)
FIRST = {"new": set("abcd"), "loyal": set("ab")}
SECOND = {"new": set("bcdxyz"), "loyal": set("a")}
TOUCHES = ["t1", "t2", "t3"]
KILLS = 22


def publish(settings: Settings, day: int) -> None:
    """Publish the first or the second state."""
    lists = (FIRST, SECOND)[day]
    publish_by_hand(
        settings.warehouse,
        day=DAY + timedelta(days=day),
        members=[(name, c) for name, who in lists.items() for c in sorted(who)],
        touches=[(touch, "a", "send") for touch in TOUCHES[: 2 + day]],
    )


def call(settings: Settings, moment: int) -> str:
    """Export in a process killed at the moment, never at 0; return its words."""
    command = [sys.executable, str(SCRIPT), str(settings.folder / "siyu.yaml")]
    done = subprocess.run(
        [*command, str(moment)], capture_output=True, text=True, check=False
    )
    assert done.returncode == (-signal.SIGKILL if moment else 0), done.stderr
    return done.stdout


def test_each_change_arrives_once_whenever_an_export_is_killed(tmp_path: Path) -> None:
    settings = shop_with(tmp_path, *DESTINATIONS)
    publish(settings, 0)
    export_published(settings)
    publish(settings, 1)
    copy = tmp_path / "copy"
    shutil.copytree(settings.warehouse, copy, symlinks=True)
    count = int(call(settings, 0))
    assert count >= KILLS
    moments = sorted({1 + round(k * (count - 1) / (KILLS - 1)) for k in range(KILLS)})
    before_it_counts = 0
    for moment in moments:
        shutil.rmtree(settings.warehouse)
        shutil.copytree(copy, settings.warehouse, symlinks=True)
        call(settings, moment)
        exports = settings.warehouse / "exports"
        before_it_counts += len(manifest_files(exports / "tags")) == 1
        assert_all_arrived_once(settings)
    assert 0 < before_it_counts < len(moments)


def assert_all_arrived_once(settings: Settings) -> None:
    """Export again, and look at what a receiver has then."""
    planned = {each.destination: each.total for each in plan(settings)}
    export_published(settings)
    exports = settings.warehouse / "exports"
    tags = Received(exports / "tags", "customer_id")
    assert tags.names() == SECOND
    assert len(tags.changes) == 6 + 5  # the adds of the first day, 3 adds, 2 removes
    calls = Received(exports / "calls", "touch_id")
    assert sorted(who for _, who, _ in calls.changes) == TOUCHES
    assert tags.numbers == calls.numbers == [1, 2]
    assert planned["tags"].changed in (0, 5)
    assert [each.note for each in export_published(settings)] == [
        "nothing has changed"
    ] * 2
    assert not list((settings.warehouse / "deliveries" / "ready").iterdir())


def test_another_file_system_is_reached_by_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no rename leads the files appear whole, and once."""
    import errno

    settings = shop_with(tmp_path, {**DESTINATIONS[0], "folder": "elsewhere"})
    publish(settings, 0)
    rename = Path.replace

    def refused(self: Path, target: Path) -> Path:
        if self.name == "files":
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", refused)
    (delivery,) = export_published(settings)
    assert delivery.folder == tmp_path / "elsewhere" / DAY.isoformat()
    assert Received(tmp_path / "elsewhere", "customer_id").names() == FIRST
    assert [f.name for f in (tmp_path / "elsewhere").iterdir()] == [DAY.isoformat()]

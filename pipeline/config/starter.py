"""`siyu init`: the first files of a configuration."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline.config.project import PROJECT_DIR
from pipeline.errors import SiyuError

PRESETS_DIR = PROJECT_DIR / "presets"
EXAMPLE = PROJECT_DIR / "siyu.example.yaml"


def start(folder: Path, preset: str | None = None) -> list[Path]:
    """Write ``siyu.yaml``, ``data/`` and ``rules/`` into ``folder``; return the files.

    ``preset`` copies the rule files of that name. Raises ``SiyuError`` if there is
    already a configuration, or if the preset does not exist.
    """
    target = folder / "siyu.yaml"
    if target.exists():
        raise SiyuError(f"{target} exists already; nothing was changed")
    known = sorted(p.name for p in PRESETS_DIR.iterdir() if p.is_dir())
    if preset is not None and preset not in known:
        raise SiyuError(f"unknown preset '{preset}'; choose one of {', '.join(known)}")
    for name in ("data", "rules"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(EXAMPLE, target)
    written = [target]
    rules = sorted((PRESETS_DIR / preset).glob("*")) if preset else []
    return written + [
        Path(shutil.copyfile(file, folder / "rules" / file.name)) for file in rules
    ]

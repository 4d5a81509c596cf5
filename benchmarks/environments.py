"""An environment for each of several engines whose demands exclude each other, made with venv and pip."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def environments(engines: Mapping[str, Sequence[str]], folder: Path | None) -> Iterator[dict[str, Path]]:
    """The Python of each engine, which has the given packages beside `retention`.

    They lie in a folder, where they are found again, or else in a temporary one.
    """
    if folder is not None:
        yield {engine: _python(folder / engine, packages) for engine, packages in engines.items()}
        return
    with tempfile.TemporaryDirectory() as made:
        yield {engine: _python(Path(made) / engine, packages) for engine, packages in engines.items()}


def _python(folder: Path, packages: Sequence[str]) -> Path:
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"{folder}: {', '.join(packages) or 'retention alone'}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "--editable", ROOT, *packages]
        subprocess.run(install, check=True, stdout=sys.stderr)
    return python

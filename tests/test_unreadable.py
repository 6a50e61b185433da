"""A file that another user may read and we may not is one clear line with status 2, for each file of a project."""

import builtins
import io
from pathlib import Path

import pytest

from stackcast.cli.app import run
from tests.fuzz.harness import contents
from tests.support import TOY, copy_project, latest_day

DAY = latest_day(TOY / "observations")
READ = sorted(
    path.relative_to(TOY).as_posix() for path in TOY.rglob("*") if path.suffix in (".csv", ".yaml") and path.is_file()
)


@pytest.mark.parametrize("name", READ)
def test_it_is_named_in_a_line(tmp_path, monkeypatch, capsys, name):
    root = copy_project(tmp_path / "project", TOY)
    monkeypatch.setattr("stackcast.project.utc_today", lambda: DAY)
    before, refused, opened = contents(root), root / name, io.open

    def forbidden(path, *given, **more):
        if isinstance(path, str | Path) and Path(path) == refused:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *given, **more)

    with monkeypatch.context() as patch:
        patch.setattr(io, "open", forbidden)
        patch.setattr(builtins, "open", forbidden)
        status = run(["check", "--as-of", str(DAY), "--project", str(root)])
    said = capsys.readouterr().err
    assert "Traceback" not in said, said
    assert (status, len(said.splitlines())) == (2, 1), said
    assert said.startswith(str(refused)), said
    assert "Permission denied" in said
    assert contents(root) == before

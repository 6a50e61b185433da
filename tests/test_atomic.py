import errno

import pytest

from model.atomic import WriteFailed, replace_text, whole_folder
from model.errors import StackcastError


def test_a_folder_appears_whole(tmp_path):
    target = tmp_path / "runs" / "one"
    with whole_folder(target) as folder:
        (folder / "a.csv").write_text("x")
        assert not target.exists()
    assert (target / "a.csv").read_text() == "x"
    assert [p.name for p in target.parent.iterdir()] == ["one"]


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), RuntimeError("x"), OSError(errno.ENOSPC, "No space left on device")]
)
def test_any_interruption_leaves_nothing(tmp_path, error):
    target = tmp_path / "runs" / "one"
    caught = None
    try:
        with whole_folder(target) as folder:
            (folder / "a.csv").write_text("x")
            raise error
    except (KeyboardInterrupt, RuntimeError, StackcastError) as seen:
        caught = seen
    assert caught is not None
    assert list(target.parent.iterdir()) == []
    if isinstance(error, OSError):
        assert isinstance(caught, WriteFailed)
        assert "No space left on device" in str(caught)
        assert "nothing was kept" in str(caught)


def test_a_text_is_replaced_or_left_alone(tmp_path, monkeypatch):
    path = tmp_path / "record.csv"
    replace_text(path, "one\n")
    monkeypatch.setattr("model.atomic.sync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(WriteFailed, match="nothing was changed"):
        replace_text(path, "two\n")
    assert path.read_text() == "one\n"
    assert [p.name for p in tmp_path.iterdir()] == ["record.csv"]

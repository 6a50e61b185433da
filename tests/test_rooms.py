"""The order of the rooms is a contract: each imports only those below it, and no circle is allowed inside one."""

from importlinter.cli import lint_imports

from tests.support import ROOT


def test_no_import_goes_against_the_order_of_the_rooms(capfd):
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert status == 0, capfd.readouterr().out

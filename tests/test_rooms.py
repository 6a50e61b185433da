"""The order of the packages is a contract: each imports only those below it, without cycles inside one."""

from importlinter.cli import lint_imports

from tests.support import ROOT


def test_no_import_goes_against_the_order_of_the_packages(capfd):
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert status == 0, capfd.readouterr().out

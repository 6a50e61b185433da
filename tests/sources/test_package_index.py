"""The package index: which wheels are fetched, what is wrong with one, and where the index is."""

import hashlib
import json
import zipfile
from datetime import date

import pytest

from stackcast.errors import InputError
from stackcast.sources import package_index, price_map
from stackcast.sources.litellm import LITELLM
from stackcast.sources.package_index import INDEX_KINDS, index_address, unpack
from stackcast.sources.payload import Payload
from stackcast.sources.price_map import MAP
from tests.sources.support import TODAY, by_signal, context, payload
from tests.sources.wheels import CATALOGUE, KNOWN, METADATA, PADDING, prices, wheel


@pytest.mark.parametrize("data", [b"PK\x03\x04 and nothing", wheel()[:-40]])
def test_a_cut_archive_is_one_error(data):
    with pytest.raises(InputError, match=r"a\.whl: the wheel is broken"):
        LITELLM.read([payload(data, "a.whl")], context())


def test_a_mangled_member_is_one_error():
    data = bytearray(wheel())
    at = data.index(MAP.encode()) + len(MAP)
    data[at : at + 8] = b"\xff" * 8
    with pytest.raises(InputError, match="the wheel is broken"):
        LITELLM.read([payload(bytes(data), "a.whl")], context())


@pytest.mark.parametrize(("member", "named"), [(MAP, MAP), (METADATA, "METADATA")])
def test_a_missing_member_is_one_error(member, named):
    with pytest.raises(InputError, match=f"not a wheel of litellm as it was: {named} missing"):
        LITELLM.read([payload(wheel(**{member: None}), "a.whl")], context())


def test_an_oversized_member_is_refused_before_it_is_unpacked(monkeypatch):
    bomb = wheel(**{"litellm/constants.py": b"#" * (price_map.LIMIT + 1)})
    assert len(bomb) < 100_000
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("was unpacked"))
    with pytest.raises(InputError, match=r"litellm/constants\.py has 20971521 bytes, over 20971520"):
        LITELLM.read([payload(bomb, "a.whl")], context())


def test_a_wheel_must_say_its_version():
    with pytest.raises(InputError, match="the wheel is broken"):
        unpack(payload(wheel(**{METADATA: "Name: litellm\n\n"}), "a.whl"), "litellm", (), (), 1000)


INDEX = "https://index.example/simple"


def file(version, uploaded, data=b"wheel", **changes):
    name = f"litellm-{version}-py3-none-any.whl"
    found = {"filename": name, "url": f"../../files/{name}", "upload-time": f"{uploaded}T10:00:00.000000Z",
             "yanked": False, "size": len(data), "hashes": {"sha256": hashlib.sha256(data).hexdigest()}}  # fmt: skip
    return found | changes


class FakeWeb:
    def __init__(self, *files, served=b"wheel", page=None):
        self.page = json.dumps({"meta": {"api-version": "1.1"}, "files": files}).encode() if page is None else page
        self.served, self.asked = served, []

    def get(self, url, *, kinds, limit, headers=None):
        self.asked.append(url)
        if url == f"{INDEX}/litellm/":
            assert (kinds, headers) == (INDEX_KINDS, {"Accept": INDEX_KINDS[0]})
            return Payload(self.page, url)
        assert limit == 128 * 2**20
        assert "application/zip" in kinds
        return Payload(self.served, url)


@pytest.fixture(autouse=True)
def index(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", INDEX)


def fetched(web, since=date(2018, 1, 1), today=TODAY):
    payloads = LITELLM.fetch(web, since, context(today=today))
    return [(p.origin.removeprefix("pkg:pypi/litellm@"), p.published) for p in payloads]


def test_the_last_final_wheel_of_each_quarter_that_is_over():
    web = FakeWeb(
        file("1.10.0", "2026-06-29"),
        file("1.9.0", "2026-04-02"),
        file("1.11.0rc1", "2026-06-30"),
        file("1.11.0.dev2", "2026-06-30"),
        file("1.10.0.post1", "2026-06-30"),
        file("1.10.1", "2026-06-30", yanked="broken"),
        file("1.10.2", "2026-06-30", yanked=True),
        file("1.12.0", "2026-09-30"),
        file("1.11.9", "2026-09-29"),
        file("1.13.0", "2026-11-01"),
        file("1.8.0", "2025-12-31"),
        file("1.10.9", "2026-06-30", filename="litellm-1.10.9.tar.gz"),
        file("1.10.9", "2026-06-30", filename="litellm-odd.whl"),
    )
    last = [("1.8.0", date(2025, 12, 31)), ("1.10.0", date(2026, 6, 29)), ("1.12.0", date(2026, 9, 30))]
    assert fetched(web) == last
    assert web.asked[1] == "https://index.example/files/litellm-1.8.0-py3-none-any.whl"
    assert fetched(web, since=date(2026, 6, 1)) == last[1:]
    assert fetched(web, since=date(2026, 6, 30)) == last[2:]


def test_a_quarter_is_over_on_the_first_day_of_the_next():
    web = FakeWeb(file("1.12.0", "2026-09-30"))
    assert fetched(web, today=date(2026, 9, 30)) == []
    assert fetched(web, today=date(2026, 10, 1)) == [("1.12.0", date(2026, 9, 30))]


def test_the_highest_version_counts_and_not_the_last_upload():
    backport = file("1.11.10", "2026-09-30")
    assert fetched(FakeWeb(file("1.12.9", "2026-09-27"), file("1.12.10", "2026-09-28"), backport)) == [
        ("1.12.10", date(2026, 9, 28)),
    ]


def test_a_quarter_of_backports_alone_repeats_nothing():
    web = FakeWeb(file("1.12.0", "2026-06-20"), file("1.11.9", "2026-09-29"))
    assert fetched(web) == [("1.12.0", date(2026, 6, 20))]


def test_of_the_wheels_of_one_release_the_smallest_is_fetched():
    """Compiled releases come once a machine; their price maps are the same."""
    sizes = {"manylinux_2_28_x86_64": 44, "macosx_11_0_arm64": 42, "win_amd64": 43}
    names = {f"litellm-1.12.0-cp310-abi3-{machine}.whl": size for machine, size in sizes.items()}
    web = FakeWeb(*(file("1.12.0", "2026-09-30", filename=n, url=f"../{n}", size=s) for n, s in names.items()))
    assert fetched(web) == [("1.12.0", date(2026, 9, 30))]
    assert [url for url in web.asked if url.endswith(".whl")] == [
        f"{INDEX}/litellm-1.12.0-cp310-abi3-macosx_11_0_arm64.whl"
    ]


def test_other_bytes_than_the_index_names_are_refused():
    with pytest.raises(InputError, match=r"pkg:pypi/litellm@1\.12\.0: the wheel's sha256 is not the one"):
        fetched(FakeWeb(file("1.12.0", "2026-09-30"), served=b"other"))


@pytest.mark.parametrize(
    "page", [b"<html>", b"{}", b"[]", b'{"files": [3]}', b'{"files": [{"filename": "litellm-1.0-py3-none-any.whl"}]}']
)
def test_an_index_in_another_form_is_one_error(page):
    with pytest.raises(InputError, match="the package index describes litellm in a form that is not known"):
        fetched(FakeWeb(page=page))


def test_a_fetched_wheel_can_be_read():
    data = wheel(PADDING | prices(*CATALOGUE))
    web = FakeWeb(file("1.2.3", "2026-09-30", data), served=data)
    found = LITELLM.read(LITELLM.fetch(web, date(2026, 1, 1), context(today=TODAY)), context(KNOWN))
    (clouds,) = by_signal(found)["cloud-catalogue-open-share"]
    assert (str(clouds.published), clouds.source_url) == ("2026-09-30", "pkg:pypi/litellm@1.2.3")


def test_the_index_is_the_one_of_pip_or_the_public_one(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple/")
    assert index_address("litellm") == "https://mirror.example/simple/litellm/"
    monkeypatch.delenv("PIP_INDEX_URL")
    monkeypatch.setattr(package_index, "get_repo_url", lambda purl: f"https://public.example/project/{purl[9:]}/")
    assert index_address("litellm") == "https://public.example/simple/litellm/"

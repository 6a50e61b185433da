"""The Python package index: final releases of a project as wheels, and files in them."""

import hashlib
import io
import json
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import message_from_bytes
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from packageurl.contrib.purl2url import get_repo_url
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from stackcast.errors import InputError
from stackcast.sources.frames import require_no_later
from stackcast.sources.payload import Payload

if TYPE_CHECKING:
    from stackcast.sources.web import Web

INDEX_KINDS = ("application/vnd.pypi.simple.v1+json",)
WHEEL_KINDS = ("application/octet-stream", "application/zip", "binary/octet-stream", "application/x-wheel+zip")
INDEX_LIMIT, WHEEL_LIMIT = 64 * 2**20, 128 * 2**20
SETTING = "PIP_INDEX_URL"
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, OSError, UnicodeError)
"""Errors that a damaged or encrypted archive raises."""


@dataclass(frozen=True)
class Wheel:
    """One final release as a wheel on the index.

    Attributes
    ----------
    project, version
        Name and version.
    uploaded
        Time (UTC) of its upload.
    address, sha256, size
        Address, hash, and size in bytes.
    """

    project: str
    version: str
    uploaded: datetime
    address: str
    sha256: str
    size: int

    @property
    def purl(self) -> str:
        """Its package URL, such as ``pkg:pypi/litellm@1.83.0``."""
        return f"pkg:pypi/{self.project}@{self.version}"

    @property
    def day(self) -> date:
        """The day (UTC) of its upload."""
        return self.uploaded.date()


def index_address(project: str) -> str:
    """Return the address of a project's page: on the index that pip is set to use, else on the public one."""
    index = os.environ.get(SETTING)
    if not index:
        public = urlsplit(get_repo_url(f"pkg:pypi/{project}"))  # type: ignore[no-untyped-call]
        index = f"{public.scheme}://{public.netloc}/simple/"
    return f"{index.rstrip('/')}/{project}/"


def releases(web: "Web", project: str) -> list[Wheel]:
    """List the final releases that nobody took back, by upload; of several wheels of one, the smallest.

    The wheels of a release differ in the machine that their compiled parts are for, and not in the data beside them.

    Raises
    ------
    InputError
        When the index does not answer in the JSON form of the simple API, version 1.1 or later.
    """
    page = index_address(project)
    answer = web.get(page, kinds=INDEX_KINDS, limit=INDEX_LIMIT, headers={"Accept": INDEX_KINDS[0]})
    try:
        files = json.loads(answer.data)["files"]
        found = [wheel for file in files if (wheel := _wheel(file, project, page))]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise InputError(f"the package index describes {project} in a form that is not known ({reason})") from None
    smallest = {w.version: w for w in sorted(found, key=lambda w: (w.size, w.address), reverse=True)}
    return sorted(smallest.values(), key=lambda wheel: wheel.uploaded)


def newest(found: Iterable[Wheel], day: date) -> Wheel | None:
    """Return the highest version available on a day, or None.

    It need not be the last upload: older branches are repaired later.
    """
    return max((w for w in found if w.day <= day), key=lambda w: Version(w.version), default=None)


def _wheel(file: dict[str, Any], project: str, page: str) -> Wheel | None:
    try:
        name, version, *_ = parse_wheel_filename(file["filename"])
    except InvalidWheelFilename:
        return None
    if name != project or file.get("yanked") or version.is_prerelease or version.is_postrelease:
        return None
    uploaded = datetime.fromisoformat(file["upload-time"]).astimezone(UTC)
    address, size = urljoin(page, file["url"]), int(file["size"])
    return Wheel(project, str(version), uploaded, address, file["hashes"]["sha256"], size)


def version_of(purl: str) -> Version | None:
    """Return the version in a package URL; None for an address that is none."""
    return Version(purl.rpartition("@")[2]) if purl.startswith("pkg:") else None


def download(web: "Web", wheel: Wheel) -> Payload:
    """Get a wheel.

    Raises
    ------
    InputError
        When its bytes are not those that the index names.
    """
    data = web.get(wheel.address, kinds=WHEEL_KINDS, limit=WHEEL_LIMIT).data
    if hashlib.sha256(data).hexdigest() != wheel.sha256:
        raise InputError(f"{wheel.purl}: the wheel's sha256 is not the one that the package index gives")
    return Payload(data, wheel.purl, wheel.day)


def unpack(
    payload: Payload, project: str, required: Sequence[str], optional: Sequence[str], limit: int
) -> tuple[str, dict[str, bytes]]:
    """Read some files of a wheel.

    Parameters
    ----------
    payload
        The wheel, fetched or saved by hand.
    project
        What it must be a wheel of.
    required, optional
        Paths in it.
    limit
        Largest file that is read, bytes when unpacked.

    Returns
    -------
    tuple
        Its package URL, by its own metadata, and the files that are there.

    Raises
    ------
    InputError
        When it is broken, is no wheel of the project, lacks a required file, or holds one over the limit.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(payload.data)) as archive:
            require_no_later(_packed(archive), payload, "a file")
            held = {info.filename: info for info in archive.infolist()}
            about = next((x for x in held if re.fullmatch(rf"{project}-[^/]+\.dist-info/METADATA", x)), "METADATA")
            missing = [name for name in (about, *required) if name not in held]
            if missing:
                raise InputError(f"{payload.origin}: not a wheel of {project} as it was: {', '.join(missing)} missing")
            wanted = [held[name] for name in (about, *required, *optional) if name in held]
            for info in wanted:
                if info.file_size > limit:
                    raise InputError(f"{payload.origin}: {info.filename} has {info.file_size} bytes, over {limit}")
            files = {info.filename: archive.read(info) for info in wanted}
        version = Version(str(message_from_bytes(files[about])["Version"]))
    except (*BROKEN, InvalidVersion) as error:
        raise InputError(f"{payload.origin}: the wheel is broken ({error})") from None
    return f"pkg:pypi/{project}@{version}", files


def _packed(archive: zipfile.ZipFile) -> Iterator[date]:
    """Yield the days on which files were put into an archive; what is no date says nothing."""
    for info in archive.infolist():
        with suppress(ValueError):
            yield date(*info.date_time[:3])

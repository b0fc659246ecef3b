"""Files by path, pattern or address: which there are, whether they changed, and their bytes."""

from __future__ import annotations

import io
import logging
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from lzma import LZMAError
from typing import IO, Any, NamedTuple
from urllib.parse import urlsplit

from fsspec.core import url_to_fs  # type: ignore[import-untyped]
from fsspec.utils import infer_compression  # type: ignore[import-untyped]
from sync_core.errors import ConfigurationError

_MAGIC = frozenset("*?[")
#: Suffixes that mean compression, and what has to be installed where Python itself has it not.
_COMPRESSED: Mapping[str, str] = {"zst": "zstandard", "lz4": "lz4", "snappy": "python-snappy"}
#: Names that file systems use for the time of the last change, and for a version, which tells more:
#: a store's times may be of whole seconds, in which a file can change twice.
_TIMES = ("mtime", "LastModified", "last_modified", "updated")
_CHANGED = ("ETag", "etag", *_TIMES)
#: What opening and reading a file can end with: the system, a library that isn't there, a file
#: that is cut off or isn't what its name says.
UNREADABLE = (OSError, ImportError, ValueError, EOFError, zlib.error, LZMAError)
#: Packages of stores, each with errors of its own kind -> what to set where a credential is
#: missing, as far as that is known.
_STORES: Mapping[str, str] = {
    "botocore": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
    "aiohttp": "",
    "gcsfs": "",
    "google": "",
    "azure": "",
}
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^\s'\"<>]+", re.IGNORECASE)
# At its most talkative, what s3fs rests on writes the token of a session into the log, and fsspec
# whole addresses, which may be signed.
for _name in ("botocore", "aiobotocore", "fsspec"):
    logging.getLogger(_name).setLevel(logging.INFO)


class UnreadableError(ConfigurationError):
    """Files that can't be found, opened or read to their end."""


class File(NamedTuple):
    """A file that there is.

    Attributes:
        name: Its path or address for messages and state, without a credential.
        path: Its path within the file system.
        system: The file system.
        fingerprint: Other after every change; empty where the file system doesn't tell.
        changed: When it last changed, as text that sorts; empty where the file system doesn't tell.
    """

    name: str
    path: str
    system: Any
    fingerprint: str
    changed: str

    @property
    def own_name(self) -> str:
        """What tells by its suffixes what it holds: the path without an address's query."""
        return self.path.partition("?")[0] if "://" in self.path else self.path


class Found(NamedTuple):
    """What paths, patterns and addresses mean.

    Attributes:
        files: The files, the one that changed last at the end.
        problems: Sentences on patterns that fit no file and addresses that can't be looked at.
    """

    files: list[File]
    problems: list[str]


def find(paths: Iterable[str], where: str) -> Found:
    """Look at paths, patterns and addresses; one that leads to nothing stops no other.

    Args:
        paths: As the settings give them.
        where: The setting, for messages.
    """
    # By their places: one may be named in several ways, and names don't hold an address's query.
    found: dict[tuple[Any, str], File] = {}
    problems: list[str] = []
    for path in paths:
        try:
            for file in _matches(path, where):
                found.setdefault((file.system, file.path), file)
        except UnreadableError as error:
            problems += error.problems
    return Found(sorted(found.values(), key=lambda file: (file.changed, file.name)), problems)


def _matches(path: str, where: str) -> list[File]:
    try:
        with _one_kind():
            files = _looked_at(path)
    except UNREADABLE as error:
        raise unreadable(where, named(path), error) from error
    if not files:
        raise UnreadableError(f"{where}: no file fits {named(path)}")
    return files


def _looked_at(path: str) -> list[File]:
    system, inner = url_to_fs(path)
    if not _MAGIC & set(inner) or "http" in system.protocol:
        return [_file(system, inner, named(path))]
    every = system.glob(inner, detail=True)
    files = sorted(each for each, info in every.items() if info.get("type") != "directory")
    return [_file(system, each, _full(system, each)) for each in files]


@contextmanager
def _one_kind() -> Iterator[None]:
    """Make errors of an object store's package, which fsspec passes on, those of a system."""
    try:
        yield
    except UNREADABLE:
        raise
    except Exception as error:
        package = type(error).__module__.partition(".")[0]
        if package not in _STORES:
            raise
        hint = _STORES[package] if "Credentials" in type(error).__name__ else ""
        raise OSError("; ".join(filter(None, (str(error), hint)))) from error


def _full(system: Any, inner: str) -> str:
    return inner if "file" in system.protocol else named(str(system.unstrip_protocol(inner)))


def named(path: str) -> str:
    """A path for messages: an address without what may hold a credential."""
    if "://" not in path:
        return path
    parts = urlsplit(path)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _file(system: Any, inner: str, name: str) -> File:
    try:
        info = dict(system.info(inner))
    except FileNotFoundError:
        info = {}  # opening it says so
    if info and not any(info.get(key) for key in _CHANGED):
        info["mtime"] = _modified(system, inner)
    said = [_fact(info[key]) for key in _CHANGED if info.get(key)]
    size = info.get("size")
    return File(name, inner, system, f"{said[0]} {size}" if said else "", _sortable(info))


def _modified(system: Any, inner: str) -> str:
    """When a file last changed, where the file system tells that apart from its other facts."""
    try:
        return _fact(system.modified(inner))
    except NotImplementedError:
        return ""


def _sortable(info: Mapping[str, Any]) -> str:
    value = next((info[key] for key in _TIMES if info.get(key)), "")
    return f"{value:020.6f}" if isinstance(value, (int, float)) else _fact(value)


def _fact(value: Any) -> str:
    """As text that is the same in any time zone that the tap runs in."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(timezone.utc)
    return str(value)


@contextmanager
def opened(file: File) -> Iterator[IO[bytes]]:
    """A file's bytes, without compression, which its name tells."""
    suffix = file.own_name.rpartition(".")[2].lower()
    compression = infer_compression(file.own_name)
    if compression is None and suffix in _COMPRESSED:
        raise ImportError(f"install {_COMPRESSED[suffix]} beside this tap to read .{suffix}")
    with _one_kind(), file.system.open(file.path, "rb", compression=compression) as stream:
        # These packages give streams that can't be read by line.
        yield io.BufferedReader(stream) if suffix in _COMPRESSED else stream


def unreadable(where: str, name: str, error: BaseException) -> UnreadableError:
    """The error that names a file, without what its address may hold beside that."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    reason = _ADDRESS.sub(lambda found: named(found[0]), reason)
    if reason == name:  # fsspec says of an address that isn't there nothing else
        reason = "it isn't there, or may not be read"
    return UnreadableError(f"{where}: {name} can't be read ({reason})")

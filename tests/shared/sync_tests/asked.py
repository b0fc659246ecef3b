"""What requests ask for, as they leave."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

import requests


def question(request: requests.PreparedRequest) -> dict[str, str]:
    """A request's query."""
    return dict(parse_qsl(request.path_url.partition("?")[2]))


def lists(asked: Iterable[requests.PreparedRequest], *ends: str) -> list[dict[str, str]]:
    """The query of each request whose path ends in one of these."""
    paths = tuple(f"/{end}" for end in ends)
    return [question(each) for each in asked if each.path_url.partition("?")[0].endswith(paths)]

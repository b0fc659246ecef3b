"""The Pipedrive API v2 (v1 where v2 has no counterpart), as calls that know their price."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sync_core.budget import DEFAULT_SHARE, Budget
from sync_core.calls import Call
from sync_core.canonical import canon
from sync_core.errors import AmbiguousWriteError, ConfigurationError, TransientError
from sync_core.http import HttpClient
from sync_core.pipedrive import endpoints, envelope
from sync_core.pipedrive.auth import Grant, OAuth, TokenAuth, grant
from sync_core.pipedrive.endpoints import Entity, RecordId
from sync_core.pipedrive.kept_token import KeptToken
from sync_core.pipedrive.service import PipedrivePacer, service_url
from sync_core.web import credential

Row = dict[str, Any]


class PipedriveClient:
    """What taps and targets ask of Pipedrive."""

    def __init__(  # noqa: PLR0913 - the ways in, and how to introduce oneself
        self,
        *,
        api_token: str | None = None,
        user_agent: str,
        api_url: str | None = None,
        company_domain: str | None = None,
        oauth: Grant | None = None,
        connection_name: str = "default",
        daily_token_share: float = DEFAULT_SHARE,
    ) -> None:
        """Prepare a client; nothing is sent yet.

        Args:
            api_token: The token; not needed with OAuth.
            user_agent: Sent with each request.
            api_url: Address up to where `/api/v2` and `/v1` begin.
            company_domain: The company's name before `.pipedrive.com`.
            oauth: What the installed app has; its answers name the address, unless `api_url` does.
            connection_name: Whose refresh token is kept.
            daily_token_share: How much of the daily tokens that are left the run may spend.

        Raises:
            ConfigurationError: There is no credential, or the address is malformed.
        """
        self.budget = Budget("Pipedrive", PipedrivePacer.budget_header, daily_token_share)
        self._oauth = _oauth(oauth, connection_name, user_agent) if oauth else None
        self.http = HttpClient(
            "Pipedrive",
            service_url(api_url, company_domain),
            auth=self._oauth or _token(api_token),
            user_agent=user_agent,
            secrets=(api_token.strip(),) if api_token else (),
            pacer=PipedrivePacer(),
            budget=self.budget,
            follow=not api_url,
        )

    @classmethod
    def from_settings(cls, config: Mapping[str, Any], *, user_agent: str) -> PipedriveClient:
        """The client that a plugin's settings describe.

        Raises:
            ConfigurationError: They don't describe one.
        """
        share = config.get("daily_token_share")
        return cls(
            api_token=config.get("api_token"),
            user_agent=user_agent,
            api_url=config.get("api_url"),
            company_domain=config.get("company_domain"),
            oauth=grant(config),
            connection_name=str(config.get("connection_name") or "default"),
            daily_token_share=DEFAULT_SHARE if share is None else float(share),
        )

    def scopes(self) -> frozenset[str]:
        """What the OAuth app may do; empty with an API token, or where the server doesn't say.

        Raises:
            ApiError: No access token is to be had.
        """
        if self._oauth is None:
            return frozenset()
        self._oauth.ready()
        return frozenset(self._oauth.scopes)

    def me(self) -> Row:
        """The credential's own user: the cheapest check that it works (`GET /v1/users/me`)."""
        return envelope.record(
            self.http.get(endpoints.ME, tokens=endpoints.ME_TOKENS), endpoints.ME
        )

    def users(self) -> list[Row]:
        """All users of the company, unpaged (`GET /v1/users`)."""
        body = self.http.get(endpoints.USERS, tokens=endpoints.USERS_TOKENS)
        return envelope.records(body, endpoints.USERS)

    def pages(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        tokens: int = endpoints.LIST,
        limit: int = endpoints.PAGE_SIZE,
    ) -> Iterator[list[Row]]:
        """Walk a v2 list by its cursor.

        The end is a null or absent `next_cursor`; an empty page in between isn't one.

        Args:
            path: Collection path, such as `/api/v2/persons`.
            params: Filters; sent along with every cursor.
            tokens: Price of one page.
            limit: Rows per page; 500 is the documented maximum.
        """
        for body in self._bodies(path, {**(params or {}), "limit": limit}, tokens):
            yield envelope.records(body, path)

    def _bodies(
        self, path: str, params: Mapping[str, Any], tokens: int, lane: str = ""
    ) -> Iterator[Any]:
        """Whole answers of a paged endpoint; a cursor that comes back would never end."""
        cursor: str | None = None
        seen: set[str] = set()
        while True:
            body = self.http.get(path, {**params, "cursor": cursor}, tokens=tokens, lane=lane)
            yield body
            cursor = envelope.next_cursor(body, path)
            if cursor is None:
                return
            if cursor in seen:
                raise TransientError(f"Pipedrive repeats the cursor of {path}: no end in sight")
            seen.add(cursor)

    def by_ids(
        self, entity: Entity, ids: Iterable[RecordId], params: Mapping[str, Any] | None = None
    ) -> Iterator[Row]:
        """Fetch records by id, a hundred a call; those that are gone are absent.

        Args:
            entity: What they are; one whose list takes ids.
            ids: Theirs.
            params: Filters.
        """
        wanted = list(dict.fromkeys(ids))
        for start in range(0, len(wanted), endpoints.IDS_PER_CALL):
            some = wanted[start : start + endpoints.IDS_PER_CALL]
            query = {**(params or {}), "ids": ",".join(map(str, some))}
            for page in self.pages(entity.path, query, limit=endpoints.IDS_PER_CALL):
                yield from envelope.listed(page, entity.path)

    def one(self, entity: Entity, record_id: RecordId) -> Row:
        """Fetch one record, also a deleted one, which says so.

        Raises:
            NotFoundError: It was purged, or never was, or is hidden from the credential's user.
        """
        path = f"{entity.path}/{record_id}"
        return envelope.record(self.http.get(path, tokens=entity.prices.one), path)

    def search(self, entity: Entity, term: str, field: str) -> list[int]:
        """Ids of the records that match a term exactly; the caller re-checks each.

        Args:
            entity: What to search.
            term: The whole value; case doesn't count.
            field: A documented search field of the entity.
        """
        params = {"term": term, "fields": field, "exact_match": "true"}
        path = f"{entity.path}/search"
        return [envelope.hit_id(item, path) for page in self._search(path, params) for item in page]

    def search_field(self, entity: Entity, key: str, term: str) -> list[int]:
        """Ids of the records whose one field equals a term, case-sensitively.

        Source: `GET /api/v2/itemSearch/field`, which finds text, number and phone fields only.
        """
        params = {"entity_type": entity.name, "field": key, "match": "exact", "term": term}
        path = endpoints.ITEM_SEARCH_FIELD
        return [envelope.hit_id(item, path) for page in self._search(path, params) for item in page]

    def search_within(self, entity: Entity, key: str, term: str) -> list[int]:
        """Ids of the records whose one field holds a term with nothing but blanks around it.

        Whether Pipedrive keeps blanks around a text isn't documented, nor whether an exact search
        finds one with them. A hit that doesn't tell the field's value counts as one.

        Source: `GET /api/v2/itemSearch/field` with `match=middle`.
        """
        params = {"entity_type": entity.name, "field": key, "match": "middle", "term": term}
        path = endpoints.ITEM_SEARCH_FIELD
        hits = (item for page in self._search(path, params) for item in page)
        return [
            envelope.hit_id(hit, path) for hit in hits if canon(hit.get(key, term)) == canon(term)
        ]

    def _search(self, path: str, params: Mapping[str, Any]) -> Iterator[list[Row]]:
        """Hits by page. An answer that can't be read raises: it is never "not found"."""
        query = {**params, "limit": endpoints.PAGE_SIZE}
        for body in self._bodies(path, query, endpoints.SEARCH, endpoints.SEARCH_LANE):
            yield envelope.hits(body, path)

    def create(self, entity: Entity, body: Mapping[str, Any]) -> Row:
        """Create one record (`POST`); never repeated on its own, since there is no upsert.

        Raises:
            AmbiguousWriteError: The answer was lost, or doesn't tell the new record's id.
        """
        tokens = entity.prices.write
        call = Call("POST", entity.path, body=body, repeatable=False, tokens=tokens)
        answer = self.http.send(call)
        try:
            return envelope.record(answer, entity.path)
        except TransientError as error:
            raise AmbiguousWriteError(
                f"{error}: the {entity.name} may have been created; "
                "it is looked up before it is sent again"
            ) from error

    def delete(self, entity: Entity, record_id: RecordId) -> None:
        """Delete one record (`DELETE`); repeating it does no harm."""
        path = f"{entity.path}/{record_id}"
        self.http.send(Call("DELETE", path, tokens=entity.prices.delete))

    def update(self, entity: Entity, record_id: RecordId, body: Mapping[str, Any]) -> Row:
        """Change some fields of one record; lists in it replace the stored ones."""
        path = f"{entity.path}/{record_id}"
        call = Call(entity.change, path, body=body, tokens=entity.prices.write)
        return envelope.record(self.http.send(call), path)


def _token(api_token: str | None) -> TokenAuth:
    if not api_token:
        raise ConfigurationError(
            "api_token is missing: set it to a Pipedrive API token "
            "(Pipedrive: Personal preferences, API), or set client_id, client_secret and "
            "refresh_token of an OAuth app"
        )
    return TokenAuth(credential("api_token", api_token, "the token shown in Pipedrive"))


def _oauth(given: Grant, connection: str, user_agent: str) -> OAuth:
    return OAuth(given, KeptToken(given.refresh_token, connection), user_agent=user_agent)


def rows(pages: Iterable[Sequence[Row]]) -> Iterator[Row]:
    """Flatten pages into rows."""
    for page in pages:
        yield from page

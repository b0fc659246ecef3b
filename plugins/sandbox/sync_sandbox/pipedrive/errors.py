"""The answers that are not a success."""

from __future__ import annotations

from typing import Any

SCHEMA = "ERR_SCHEMA_VALIDATION_FAILED"
# Seen live with a bad token; the gateway answers before anything else looks at the request.
UNAUTHORIZED: dict[str, Any] = {
    "success": False,
    "error": "unauthorized access",
    "errorCode": 401,
    "error_info": "Please check developers.pipedrive.com",
}


class ApiError(Exception):
    """An answer with an error status."""

    def __init__(
        self, status: int, error: str, info: str = "", code: str | None = None, **more: Any
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.info = info
        self.code = code
        self.more = more
        self.own_payload: dict[str, Any] | None = None

    def payload(self) -> dict[str, Any]:
        """The JSON body."""
        if self.own_payload is not None:
            return self.own_payload
        body: dict[str, Any] = {
            "success": False,
            "error": self.error,
            "error_info": self.info,
            "data": None,
            "additional_data": None,
        }
        if self.code is not None:
            body["code"] = self.code
        body.update(self.more)
        return body

    def name_beside(self) -> None:
        """Let the text tell no custom field's key; `field_code` does."""
        if code := self.more.get("field_code"):
            self.error = self.error.replace(f".{code}", "")

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Headers beyond the usual ones."""
        return []


class UnauthorizedError(ApiError):
    """401: no credential, or one that is not valid."""

    def __init__(self) -> None:
        super().__init__(401, UNAUTHORIZED["error"])

    def payload(self) -> dict[str, Any]:
        """The gateway's own shape."""
        return UNAUTHORIZED

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The gateway marks its own refusals."""
        return [(b"x-401-by-gw", b"true")]


class InvalidError(ApiError):
    """400: a parameter or a body field is not acceptable."""

    def __init__(self, path: str, problem: str, **more: Any) -> None:
        text = f"Validation failed: {path}: {problem}"
        super().__init__(400, text, "Please check the request.", SCHEMA, **more)


def missing() -> ApiError:
    """404: no such record."""
    return ApiError(404, "Entity was not found", "Object was not found.")

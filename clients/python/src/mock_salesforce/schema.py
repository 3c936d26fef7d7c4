"""The org's shape."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from .http import Plane, part

#: How the files of a project end that tell of objects and fields.
ENDINGS = (
    ".object-meta.xml",
    ".field-meta.xml",
    ".recordType-meta.xml",
    ".globalValueSet-meta.xml",
    ".standardValueSet-meta.xml",
    ".md-meta.xml",
)


class Schema:
    """Which objects the org has, and their fields."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    def names(self) -> list[str]:
        """The API names of all objects."""
        return [described["name"] for described in self._plane.call("GET", "schema")["sobjects"]]

    def of(self, object_name: str) -> dict[str, Any]:
        """An object with its fields, as describe tells it."""
        return cast(dict[str, Any], self._plane.call("GET", f"schema/{part(object_name)}"))

    def replace(self, *described: Mapping[str, Any]) -> None:
        """Makes the org what it would be if it had started with these describe answers: no records but users and profiles,
        no rules."""
        self._plane.call("PUT", "schema", list(described))

    def replace_by_project(self, folder: str | Path) -> None:
        """The same with the files of objects, fields, record types and value sets below a folder of a Salesforce DX project."""
        found = [path for path in Path(folder).rglob("*-meta.xml") if path.name.endswith(ENDINGS)]
        if not found:
            raise ValueError(f"{folder}: expected a folder with {' or '.join(f'*{ending}' for ending in ENDINGS)} below it")
        files = {str(path): path.read_text(encoding="utf-8-sig") for path in sorted(found)}
        self._plane.call("PUT", "schema", {"files": files})

    def put(self, described: Mapping[str, Any]) -> None:
        """Adds an object, or puts it in the place of the one of this name. Records keep the values of fields that still have the
        same name and type."""
        self._plane.call("PUT", f"schema/{part(described['name'])}", dict(described))

    def delete(self, object_name: str) -> None:
        """Takes a custom object away, with its records."""
        self._plane.call("DELETE", f"schema/{part(object_name)}")

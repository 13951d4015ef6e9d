"""Every address that an application answers, so that no test of safety overlooks one."""

import re

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    """Method and path of each route, parameters in braces; what is mounted stands with the method `MOUNT`."""
    found = [
        (method, str(route.path))
        for route in iter_route_contexts(app.routes)
        for method in sorted(getattr(route, "methods", None) or {"MOUNT"})
    ]
    assert len(found) > 15, "the framework keeps its routes elsewhere now, so these tests would see none"
    return found


def filled(path: str) -> str:
    """The path with `1` for each parameter."""
    return re.sub(r"{\w+(:\w+)?}", "1", path)

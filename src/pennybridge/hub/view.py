"""Pages from templates, with what every page needs."""

from pathlib import Path

from fastapi import Request, Response
from fastapi.templating import Jinja2Templates

from pennybridge.hub.gate import cookie_of, csrf_token, set_cookie

_TEMPLATES = Jinja2Templates(Path(__file__).parent / "templates")


def show(request: Request, template: str, *, status: int = 200, **values: object) -> Response:
    """A page; `user` is who is signed in, `csrf` what its forms must bring along."""
    cookie = cookie_of(request)
    user = getattr(request.state, "user", None)
    context = {"user": user, "csrf": csrf_token(cookie), **values}
    answer = _TEMPLATES.TemplateResponse(request, template, context, status_code=status)
    if user is None:
        set_cookie(request, answer, cookie)
    return answer

"""What everybody changes, viewers too: their own password."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from pennybridge.errors import ConfigurationError
from pennybridge.hub.attempts import ThrottledError
from pennybridge.hub.gate import check_csrf, check_signed_in, set_cookie
from pennybridge.hub.people import People, User
from pennybridge.hub.view import show

own = APIRouter(dependencies=[Depends(check_signed_in), Depends(check_csrf)])
Me = Annotated[User, Depends(check_signed_in)]
Password = Annotated[str, Form()]


@own.get("/password")
def password_page(request: Request) -> Response:
    """The form to change the own password."""
    return show(request, "password.html")


@own.post("/password")
def change_password(request: Request, me: Me, current: Password = "", new: Password = "") -> Response:
    """Change it; every other session of the same person ends."""
    people: People = request.app.state.people
    try:
        people.change_password(me, current, new)
    except ConfigurationError as error:
        status = 429 if isinstance(error, ThrottledError) else 422
        return show(request, "password.html", problem=error, status=status)
    people.note(me.name, "change password")
    answer = RedirectResponse("/", 303)
    set_cookie(request, answer, people.open_session(me))
    return answer

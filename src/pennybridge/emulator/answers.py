"""What goes back over HTTP: an answer, or a refusal in the words of the API."""

from dataclasses import dataclass, field

import msgspec

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder().decode

JSON = "application/json; charset=utf-8"


@dataclass
class Answer:
    """One HTTP answer, complete."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):  # noqa: N818 - not an error of ours: an answer that the API gives
    """The request is refused: raised anywhere, answered as `{"error": …, "status": …}` (observed)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    def answer(self) -> Answer:
        """What the client reads."""
        return Answer(self.status, encode({"error": self.message, "status": self.status}))


def json_answer(body: object, status: int = 200) -> Answer:
    """An answer in JSON."""
    return Answer(status, encode(body))

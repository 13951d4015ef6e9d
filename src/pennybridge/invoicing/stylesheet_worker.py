"""A child process that runs XSLT stylesheets with Saxon, asked and answering over its standard streams.

Saxon for Python is not safe across threads and can take its process down with it, so it lives alone here,
and keeps what it compiled. Each message is its length (four bytes, big-endian) and MessagePack: [stylesheet
path, XML text] in, [result text, error text] out, one of them empty.
"""

import struct
import sys
from typing import IO

import msgspec


def read_message(stream: IO[bytes]) -> bytes | None:
    """The next message; None when the other side is gone."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    body = stream.read(struct.unpack(">I", head)[0])
    return body or None


def write_message(stream: IO[bytes], body: bytes) -> None:
    """Send one message."""
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


def main() -> None:
    """Answer until standard input ends."""
    from saxonche import PySaxonProcessor

    processor = PySaxonProcessor(license=False)
    xslt = processor.new_xslt30_processor()
    compiled: dict[str, object] = {}
    while (request := read_message(sys.stdin.buffer)) is not None:
        path, xml = msgspec.msgpack.decode(request, type=tuple[str, str])
        try:
            if path not in compiled:
                compiled[path] = xslt.compile_stylesheet(stylesheet_file=path)
            document = processor.parse_xml(xml_text=xml)
            result = compiled[path].transform_to_string(xdm_node=document)  # type: ignore[attr-defined]
            answer = (result or "", "" if result else "the stylesheet gave no result")
        except Exception as error:  # noqa: BLE001 - whatever Saxon raises is an answer, not the end
            answer = ("", f"{type(error).__name__}: {error}")
        write_message(sys.stdout.buffer, msgspec.msgpack.encode(answer))


if __name__ == "__main__":
    main()

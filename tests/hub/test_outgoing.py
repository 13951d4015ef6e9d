"""Files handed to the hub are checked, sent once, and can be followed and tried again."""

import json
import re
from collections.abc import Callable
from socket import gethostname
from time import sleep

import pytest
from fastapi import FastAPI

from pennybridge.emulator.server import Emulator
from tests.hub.conftest import Browser

HEADER = (
    "reference,status,customer_name,customer_address,customer_postal_code,customer_city,customer_country,"
    "date,due_date,label,quantity,unit,unit_price,vat\n"
)
WHO = "Atelier Martin,12 rue des Lilas,69003,Lyon,FR,2026-11-02,2026-12-02"
GOOD = HEADER + (
    f"S-1,draft,{WHO},Licence,1,piece,100.00,FR_200\nS-2,draft,{WHO},Support,2,hour,80.00,FR_200\n"
)
HOME = "/connections/1/outgoing"


def made(app: FastAPI, emulator: Emulator) -> int:
    """How many invoices Pennylane has."""
    return emulator.books.count("customer_invoices", app.state.connections.known()[0].company_id)


def hand_over(person: Browser, *files: tuple[str, bytes], **options: str) -> str:
    """Upload files as the form does, wait for the checks; the batch's address."""
    csrf = re.search(r'name="csrf" value="(\w+)"', person.get(HOME).text)
    assert csrf
    answer = person.post(
        HOME,
        data={"csrf": csrf[1], **options},
        files=[("files", (name, content, "application/octet-stream")) for name, content in files],
    )
    assert answer.status_code == 200, answer.text
    return answer.url.path


def settled(app: FastAPI, person: Browser, address: str) -> str:
    """The batch's page once nothing of it is in hand."""
    for _ in range(2_000):
        if not app.state.sending.batches.find("1", address.rsplit("/", 1)[-1]).is_busy:
            return person.get(address).text
        sleep(0.02)  # real threads have it in hand
    raise AssertionError("still busy")


def checked(app: FastAPI, person: Browser, table: str = GOOD) -> str:
    """Hand a table over, with customers to create, and wait for the checks; the batch's address."""
    address = hand_over(person, ("march.csv", table.encode()), create_customers="on")
    settled(app, person, address)
    return address


def test_a_table_is_checked_and_sent_once(connected: FastAPI, admin: Browser, emulator: Emulator) -> None:
    address = hand_over(admin, ("march.csv", GOOD.encode()), create_customers="on")
    page = settled(connected, admin, address)
    assert page.count(">ready<") == 3  # two rows, and their sum
    assert made(connected, emulator) == 0

    admin.submit(address, f"{address}/send")
    page = settled(connected, admin, address)
    again = hand_over(admin, ("renamed.csv", GOOD.encode()), create_customers="on")

    assert ">created<" in page
    assert made(connected, emulator) == 2
    assert settled(connected, admin, again).count(">there<") == 2
    journal = admin.get(HOME).text
    assert "S-1" in journal
    assert ">verified<" in journal


def test_problems_are_said_with_what_to_do_and_the_rest_is_sent(
    connected: FastAPI, admin: Browser, emulator: Emulator
) -> None:
    bad = f"{GOOD}S-3,draft,{WHO},Gift,1,piece,10.00,FR_055\n"
    address = hand_over(admin, ("march.csv", bad.encode()), create_customers="on")

    page = settled(connected, admin, address)
    admin.submit(address, f"{address}/send")

    assert "march.csv:4" in page
    assert "FR_055" in page
    assert ">refused<" in settled(connected, admin, address)
    assert made(connected, emulator) == 2


def test_final_invoices_are_not_sent_without_a_tick(
    connected: FastAPI, admin: Browser, emulator: Emulator
) -> None:
    address = checked(connected, admin, GOOD.replace("draft", "final"))

    assert "Nothing was sent" in admin.submit(address, f"{address}/send")
    assert admin.answer.status_code == 422
    admin.submit(address, f"{address}/send", certain="true")

    assert ">created<" in settled(connected, admin, address)
    assert made(connected, emulator) == 2


def test_one_failed_invoice_is_tried_again_alone(
    connected: FastAPI, admin: Browser, emulator: Emulator
) -> None:
    address = checked(connected, admin)
    emulator.fail_next("POST", "/customer_invoices", "409")
    admin.submit(address, f"{address}/send")
    page = settled(connected, admin, address)
    assert ">failed<" in page
    found = re.search(r'name="reference" value="([^"]+)"', page)
    assert found

    admin.submit(address, f"{address}/retry", reference=found[1])

    page = settled(connected, admin, address)
    assert ">failed<" not in page
    assert made(connected, emulator) == 2


def test_a_batch_that_a_killed_process_left_can_be_gone_on_with(
    connected: FastAPI, admin: Browser, emulator: Emulator
) -> None:
    address = checked(connected, admin)
    no_process = f"{gethostname()}/{2**22 + 1}/other"  # beyond the largest number Linux gives
    with connected.state.state_database.transaction() as transaction:
        transaction.execute("update outgoing_batches set stage = 'sending', worker = :gone", gone=no_process)

    assert "Go on" in admin.get(address).text
    admin.submit(address, f"{address}/send")

    assert ">created<" in settled(connected, admin, address)
    assert made(connected, emulator) == 2


def test_the_exact_requests_are_shown_and_nothing_is_sent(
    connected: FastAPI, admin: Browser, emulator: Emulator
) -> None:
    address = checked(connected, admin)

    requests = json.loads(admin.get(f"{address}/requests.json").text)

    assert [one["path"] for one in requests][1:] == ["/customer_invoices"] * 2
    assert made(connected, emulator) == 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("orders.docx", b"PK", "none of CSV"),
        ("../../x.csv", b"", "x.csv"),
        ("broken.pdf", b"not a pdf", "broken.pdf"),
        ("a.json", b"[{", "a.json"),
    ],
)
def test_files_that_hold_no_invoice_are_said(
    connected: FastAPI, admin: Browser, name: str, content: bytes, said: str
) -> None:
    csrf = re.search(r'name="csrf" value="(\w+)"', admin.get(HOME).text)
    assert csrf
    answer = admin.post(HOME, data={"csrf": csrf[1]}, files=[("files", (name, content))])

    page = answer.text if answer.status_code == 422 else settled(connected, admin, answer.url.path)
    assert said in page
    assert "/outgoing/" not in page.replace("/connections/1/outgoing/", "")


def test_uploads_are_bounded_and_refused_to_strangers_unread(
    connected: FastAPI, browser: Callable[[], Browser], viewer: Browser
) -> None:
    large = [("files", ("a.csv", b"x" * 100_000))]

    assert browser().post(HOME, files=large).status_code == 413
    assert viewer.post(HOME, files=large).status_code == 413
    assert connected.state.sending.batches.known("1") == []


def test_a_viewer_sees_batches_and_the_journal(connected: FastAPI, admin: Browser, viewer: Browser) -> None:
    address = checked(connected, admin)

    page = viewer.get(address).text

    assert ">ready<" in page
    assert "<button>" not in page.split("<main", 1)[1]

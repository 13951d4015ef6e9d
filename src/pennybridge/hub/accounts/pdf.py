"""The PDF of an invoice: its address is asked for at the moment, because it expires after about half an hour.

The browser is sent to that address rather than given the file through us: that costs one request of the
company's pace and no waiting for a file, and we never fetch from a host that an answer names.
"""

from urllib.parse import urlsplit

from pennybridge.connections.connection import Connection, Connections
from pennybridge.errors import ConfigurationError


def pdf_address(connections: Connections, connection: Connection, invoice_id: int) -> str:
    """Where the PDF can be had now.

    Source:
        https://pennylane.readme.io/reference/getcustomerinvoice, on `public_file_url`.

    Raises:
        ConfigurationError: The company is disconnected, or Pennylane has made no file yet.
        ApiError: Pennylane gave no answer, or refused.
    """
    with connections.client(connection, is_awaited=True) as client:
        address = client.customer_invoices.get(invoice_id).public_file_url
    if not address:
        raise ConfigurationError(
            "Pennylane has no file of this invoice yet. It makes one shortly after the invoice: "
            "try again in a minute."
        )
    parts, ours = urlsplit(address), urlsplit(connection.base_url)
    if parts.scheme != "https" and (parts.scheme, parts.netloc) != (ours.scheme, ours.netloc):
        raise ConfigurationError("Pennylane named an address that is not safe to open. Nothing was opened.")
    return address

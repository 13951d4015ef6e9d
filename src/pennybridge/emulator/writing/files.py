"""Files: uploaded to be attached later, or as appendices of a document.

Source:
    Types and the 100 MB: see `uploads.py`. A file may not be there yet when an import names it, which then
    gets 409: documented; `Books.files_take` says how long that lasts, and is nothing by default. Assumed:
    an appendix may be added to any document, drafts included.
"""

from pennybridge.emulator.answers import Answer, Refusal
from pennybridge.emulator.calls import Call, Handler, answer_record, existing, stored
from pennybridge.emulator.resources import Record
from pennybridge.emulator.uploads import Upload

_APPENDICES = {
    "postCustomerInvoiceAppendices": ("customer_invoices", "customer_invoice_appendices"),
    "postQuoteAppendices": ("quotes", "quote_appendices"),
    "postCommercialDocumentAppendices": ("commercial_documents", "commercial_document_appendices"),
}
"""Operation → the document's resource and that of its appendices."""


def upload(call: Call) -> Answer:
    """`POST /file_attachments`."""
    kept = call.insert("file_attachments", file_record(call, call.data["file"], call.data.get("filename")))
    return answer_record(call, "file_attachments", kept["id"], 201)


def add_appendix(call: Call) -> Answer:
    """`POST …/{id}/appendices`."""
    documents, appendices = _APPENDICES[call.operation.name]
    document_id = call.record_id(next(iter(call.values)))
    stored(call, documents, document_id)
    kept = call.insert(appendices, file_record(call, call.data["file"], None), document_id)
    return answer_record(call, appendices, kept["id"], 201)


def file_record(call: Call, file: Upload, filename: str | None) -> Record:
    """The record of an uploaded file; its address leads to the content.

    Raises:
        Refusal: 422: not a type that is taken, or a file without a byte (assumed).
    """
    file.check_type()
    if not file.size:
        raise Refusal(422, "file can't be blank")
    key = call.books.new_id()
    return {
        "id": key,
        "filename": filename or file.filename,
        "url": f"~/public/file?encrypted_id={key:x}",
        "_digest": file.digest,
        "_content_type": file.content_type,
        "_ready_at": (call.now + call.books.files_take).timestamp(),
    }


def attachment(call: Call, attachment_id: int) -> Record:
    """An uploaded file of the company that is ready to be used.

    Raises:
        Refusal: 404 for an unknown one, 409 while it is not there yet (text assumed).
    """
    found = existing(call, "file_attachments", attachment_id)
    if call.now.timestamp() < found["_ready_at"]:
        raise Refusal(409, "The file attachment is not available yet. Please retry in a few seconds.")
    return found


FILE_WRITES: dict[str, Handler] = {"postFileAttachments": upload, **dict.fromkeys(_APPENDICES, add_appendix)}

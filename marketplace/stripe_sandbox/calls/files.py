"""Files: uploaded as evidence for a dispute. What they are is told from their content, as Stripe does."""

from typing import Any

from stripe.params import FileCreateParams, FileListParams, FileRetrieveParams

from ..errors import Refusal, missing_parameter, not_in_sandbox
from ..form import Upload
from ..ids import new_id
from ..registry import call
from ..store import Obj, Tx
from ..values import listing

Params = dict[str, Any]
LARGEST = 5 * 1024 * 1024  # of one file: https://docs.stripe.com/file-upload
_SIGNS = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}


@call("POST", "/v1/files", FileCreateParams, "file purpose")
def create_file(tx: Tx, params: Params) -> Obj:
    upload = params["file"]
    if not isinstance(upload, Upload):
        raise missing_parameter("file")
    if params["purpose"] != "dispute_evidence":
        raise not_in_sandbox(f"purpose={params['purpose']}", "purpose")
    if not upload.content:
        raise Refusal("The file you uploaded is empty.", param="file")
    if len(upload.content) > LARGEST:
        raise Refusal(f"File size too large: a file may have up to {LARGEST} bytes.", param="file")
    type_ = next((name for sign, name in _SIGNS.items() if upload.content.startswith(sign)), None)
    if type_ is None:
        raise Refusal("Invalid file type: dispute_evidence takes PDF, JPEG and PNG files.", param="file")
    file: Obj = {
        "id": new_id("file"),
        "object": "file",
        "created": tx.now,
        "expires_at": None,
        "filename": upload.name,
        "links": {"object": "list", "data": [], "has_more": False, "url": "/v1/file_links"},
        "purpose": "dispute_evidence",
        "size": len(upload.content),
        "title": None,
        "type": type_,
        "url": None,
    }
    return tx.add(file)


@call("GET", "/v1/files/<file>", FileRetrieveParams)
def retrieve_file(tx: Tx, _params: Params, file: str) -> Obj:
    return tx.get("file", file)


@call("GET", "/v1/files", FileListParams)
def list_files(tx: Tx, params: Params) -> Obj:
    return listing(tx, "file", "/v1/files", params, {"purpose": params.get("purpose")})

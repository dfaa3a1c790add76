"""What refunds, transfers and reversals have in common: our row is found again by its id, which they carry."""

import stripe


def row_of(found: stripe.Refund | stripe.Transfer | stripe.TransferReversal) -> str | None:
    metadata = found.metadata
    return metadata["row"] if metadata is not None and "row" in metadata else None

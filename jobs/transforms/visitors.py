"""Who acts, as one number: what rules over a visitor's rows are grouped and joined by."""

_ID_KINDS = ("user_id", "anonymous_id", "device_id")

VISITOR = "CASE {} END".format(
    " ".join(f"WHEN {kind} IS NOT NULL THEN xxhash64('{kind}', {kind})" for kind in _ID_KINDS)
)
"""SQL for the visitor of an event: its user, else its anonymous id, else its device.

Equal texts of two kinds are two visitors. Eight bytes instead of a text: a day's rows are grouped by it.
"""

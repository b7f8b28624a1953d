"""Guesses which column of a log is which event column, by its name."""

import re
from collections.abc import Iterable, Mapping, Sequence

# Names as `normal` makes them, the surest first. A log's column stands for one event column only, so the
# order of the event columns matters too: `userId` is the user, and `visitorid` beside it the visitor.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "event_type": (
        *("eventtype", "eventname", "event", "action", "actiontype", "activity", "interaction"),
        *("interactiontype", "behavior", "behaviour", "type", "kind", "verb"),
    ),
    "event_time": (
        *("eventtime", "eventtimestamp", "timestamp", "ts", "occurredat", "createdat", "eventdate", "datetime"),
        *("time", "orderdate", "invoicedate", "transactiondate", "purchasedate", "date", "at", "unixtime"),
    ),
    "user_id": (
        *("userid", "user", "uid", "customerid", "customer", "memberid", "accountid", "account", "subscriberid"),
        *("shopperid", "buyerid", "personid", "profileid", "clientid", "userhash", "visitorid"),
    ),
    "item_id": (
        *("itemid", "item", "productid", "product", "sku", "articleid", "article", "stockcode", "asin", "contentid"),
        *("content", "listingid", "trackid", "songid", "movieid", "videoid", "bookid", "productcode", "parentasin"),
    ),
    "event_id": ("eventid", "eventuuid", "uuid", "messageid", "insertid", "id"),
    "order_id": (
        *("orderid", "transactionid", "invoiceid", "invoiceno", "invoicenumber", "ordernumber", "orderno"),
        *("receiptid", "checkoutid", "basketid"),
    ),
    "anonymous_id": ("anonymousid", "anonid", "anon", "visitorid", "visitor", "cookieid", "cookie", "browserid"),
    "device_id": ("deviceid", "device", "installationid", "installid", "advertisingid"),
    "price": ("price", "unitprice", "itemprice", "productprice", "saleprice"),
    "value": ("value", "rating", "stars", "score", "overall"),
    "currency": ("currency", "currencycode"),
    "quantity": ("quantity", "qty", "units", "count", "pieces"),
    "dwell_ms": ("dwellms", "dwelltimems", "durationms", "timespentms"),
    "search_query": ("searchquery", "query", "searchterm", "searchphrase", "keywords", "q"),
    "surface": ("surface", "placement", "screen", "pagetype", "widget"),
    "position": ("position", "pos", "slot"),
    "list_id": ("listid", "recommendationid", "recid", "impressionlistid", "requestid"),
    "shown_model": ("shownmodel", "model", "modelname", "modelversion", "algorithm"),
    "shown_experiment": ("shownexperiment", "experiment", "experimentid", "abtest"),
    "shown_variant": ("shownvariant", "variant", "variantid", "treatment", "bucket"),
    "propensity": ("propensity", "probability"),
    "arrived_at": ("arrivedat", "receivedat", "servertimestamp", "servertime", "ingestedat", "collectedat"),
    "platform": ("platform", "os", "channel"),
    "device_class": ("deviceclass", "devicetype", "devicecategory", "formfactor"),
    "app_version": ("appversion", "clientversion", "version"),
    "locale": ("locale", "language", "lang"),
    "country": ("country", "countrycode", "geocountry", "market"),
    "time_zone": ("timezone", "tz"),
    "schema_version": ("schemaversion", "schema"),
}

_SPREADSHEET_NUMBER = re.compile(r"\d+\.0")


def normal(name: str) -> str:
    """Lower case, letters and digits only: ``Customer_ID`` and ``customerId`` are both ``customerid``."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def match_columns(columns: Sequence[str]) -> dict[str, str]:
    """The log's column for each event column that has one.

    Parameters
    ----------
    columns
        Names in the log; of two with the same normal name the first one counts.

    Returns
    -------
    dict
        Event column -> column of the log, in the order of `SYNONYMS`; no column is given away twice.
    """
    free = {normal(name): name for name in reversed(columns)}
    found: dict[str, str] = {}
    for event_column, names in SYNONYMS.items():
        name = next((name for name in names if name in free), None)
        if name is not None:
            found[event_column] = free.pop(name)
    return found


def left_over(columns: Iterable[str], matched: Mapping[str, str]) -> list[str]:
    """Columns of the log that nothing reads, in their order."""
    return [name for name in columns if name not in matched.values()]


def are_spreadsheet_ids(values: Sequence[str]) -> bool:
    """Whether all ids look like ``17850.0``: whole numbers that a spreadsheet or pandas made decimals of."""
    return bool(values) and all(_SPREADSHEET_NUMBER.fullmatch(value) for value in values)

-- One night of the event foundation on an empty yesterday, written by hand for DuckDB.
-- A line `-- step:` names what follows it; events_duckdb.py fills in the names in braces.

-- step: judge
CREATE VIEW typed AS
WITH texts AS (
    SELECT
        file_row_number AS row_number,
        nullif(trim(id), '') AS event_id,
        nullif(trim(ts), '') AS time_text,
        CASE WHEN trim(type) IN (${types}) THEN trim(type) END AS event_type,
        nullif(trim("user"), '') AS user_id,
        nullif(trim(anon), '') AS anonymous_id,
        nullif(trim(device), '') AS device_id,
        nullif(trim(item), '') AS item_id,
        TRY_CAST(price AS DECIMAL(18, 4)) AS price,
        price IS NOT NULL AS has_price,
        nullif(trim(currency), '') AS currency,
        qty AS quantity,
        dwell_ms,
        nullif(trim(query), '') AS search_query,
        nullif(trim(surface), '') AS surface,
        pos AS position,
        nullif(trim(platform), '') AS platform,
        nullif(trim(device_class), '') AS device_class,
        nullif(trim(app_version), '') AS app_version,
        nullif(trim(locale), '') AS locale,
        nullif(trim(country), '') AS country,
        nullif(trim(tz), '') AS time_zone,
        schema AS schema_version
    FROM read_parquet('${input}', file_row_number = true)
), timed AS (
    SELECT *, CASE WHEN regexp_full_match(
        time_text, '\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)? ?(Z|UTC|[+-]\d{2}(:?\d{2})?)?)?'
    ) THEN TRY_CAST(time_text AS TIMESTAMP) END AS event_time
    FROM texts
)
SELECT
    * EXCLUDE (quantity, has_price),
    CASE WHEN event_type IN ('refund', 'cancel') THEN abs(quantity) ELSE quantity END AS quantity,
    CAST(event_time AS DATE) AS event_day,
    CASE
        WHEN event_type IS NULL THEN 'unknown_event_type'
        WHEN time_text IS NULL THEN 'missing_time'
        WHEN event_time IS NULL THEN 'bad_time'
        WHEN event_day > DATE '${day}' THEN 'from_the_future'
        WHEN event_day < DATE '${day}' - ${max_late_days} THEN 'too_late'
        WHEN coalesce(user_id, anonymous_id, device_id) IS NULL THEN 'missing_visitor'
        WHEN item_id IS NULL AND event_type IN (${needs_item}) THEN 'missing_item'
        WHEN (event_type NOT IN ('refund', 'cancel') AND quantity <= 0) OR abs(quantity) > ${max_quantity} OR quantity = 0
            THEN 'bad_quantity'
        WHEN (has_price AND price IS NULL) OR price < 0 OR price > ${max_price}
            OR (event_type = 'purchase' AND price = 0) THEN 'bad_price'
        WHEN NOT regexp_full_match(currency, '[A-Z]{3}') THEN 'bad_currency'
        WHEN dwell_ms < 0 OR dwell_ms > ${max_dwell_ms} THEN 'bad_dwell'
        WHEN position < 0 THEN 'bad_position'
    END AS reason
FROM timed;

CREATE TABLE judged AS
SELECT * EXCLUDE (time_text), CASE WHEN reason IS NOT NULL THEN time_text END AS refused_time FROM typed;

-- step: duplicates
-- Few ids come twice: only their rows are ranked. A refused row counts by its whole text.
CREATE TABLE repeated AS SELECT event_id FROM judged WHERE reason IS NULL GROUP BY event_id HAVING count(*) > 1;

CREATE TABLE copies AS
WITH told AS (
    SELECT
        row_number, reason IS NULL AS is_clean, event_time,
        hash(*COLUMNS(* EXCLUDE (row_number))) AS content,
        CASE WHEN reason IS NULL THEN event_id ELSE CAST(content AS VARCHAR) END AS copy_key
    FROM judged
    WHERE reason IS NOT NULL OR event_id IN (FROM repeated)
), ranked AS (
    SELECT row_number, content, lag(content) OVER (
        PARTITION BY is_clean, copy_key ORDER BY event_time, content
    ) AS content_before
    FROM told
)
SELECT row_number, CASE WHEN content = content_before THEN 'exact' ELSE 'same_id' END AS copy_of
FROM ranked WHERE content_before IS NOT NULL;

-- step: bots
CREATE TABLE bots AS
WITH fine AS (
    SELECT coalesce('u' || user_id, 'a' || anonymous_id, 'd' || device_id) AS visitor, row_number, event_time, item_id
    FROM judged WHERE reason IS NULL AND row_number NOT IN (SELECT row_number FROM copies)
), busy AS (
    SELECT visitor FROM fine GROUP BY visitor HAVING count(*) >= least(${bot_min_events}, ${bot_max_items} + 1)
), paused AS (
    SELECT *, epoch_ms(event_time) - epoch_ms(lag(event_time) OVER (PARTITION BY visitor ORDER BY event_time)) AS pause
    FROM fine SEMI JOIN busy USING (visitor)
), told AS (
    SELECT visitor, CASE
        WHEN count(*) > ${bot_max_events} THEN 'bot_rate'
        WHEN count(DISTINCT item_id) > ${bot_max_items} THEN 'bot_breadth'
        WHEN count(*) >= ${bot_min_events} AND sum(pause) > 0 AND stddev_pop(pause) < ${bot_min_deviation} * avg(pause)
            THEN 'bot_rhythm'
    END AS reason
    FROM paused GROUP BY visitor HAVING reason IS NOT NULL
)
SELECT row_number, reason FROM fine JOIN told USING (visitor);

-- step: ledger
-- Copies and bots are few; joining them on the way costs less than writing all rows again.
CREATE VIEW placed AS
SELECT judged.* EXCLUDE (reason), coalesce(judged.reason, bots.reason) AS reason, copy_of
FROM judged LEFT JOIN copies USING (row_number) LEFT JOIN bots USING (row_number);

CREATE TABLE ledger AS
WITH counted AS (
    SELECT
        CASE WHEN copy_of IS NOT NULL THEN 'duplicate' WHEN reason IS NOT NULL THEN 'quarantined' ELSE 'clean' END AS place,
        coalesce(copy_of, reason, '') AS reason,
        count(*) AS n_rows
    FROM placed GROUP BY ALL
)
SELECT 'bench' AS source, * FROM counted
UNION ALL SELECT 'bench', 'raw', '', count(*) FROM read_parquet('${input}');

COPY ledger TO '${out}/ledger.parquet' (FORMAT parquet, COMPRESSION zstd);

COPY (
    SELECT 'bench' AS source, refused.reason, CAST(to_json(raw) AS VARCHAR) AS raw, count(*) AS n_copies
    FROM read_parquet('${input}', file_row_number = true) AS raw
    JOIN placed AS refused ON refused.row_number = raw.file_row_number
    WHERE refused.reason IS NOT NULL
    GROUP BY ALL
) TO '${out}/quarantine.parquet' (FORMAT parquet, COMPRESSION zstd);

-- step: identity
-- A row without a user is looked up by its anonymous id, else by its device: it is of the user who was last seen with
-- that id before it, else of the first one seen after it in the same visit of that id.
CREATE TABLE seen AS
WITH folded AS (
    SELECT user_id, anonymous_id, device_id, min(event_time) AS first_time, max(event_time) AS last_time,
        bool_or(event_type IN ('sign_in', 'sign_up')) AS signs_in
    FROM placed WHERE reason IS NULL AND copy_of IS NULL AND user_id IS NOT NULL
    GROUP BY user_id, anonymous_id, device_id
), by_kind AS (
    SELECT 'anonymous_id' AS id_kind, anonymous_id AS id, * FROM folded WHERE anonymous_id IS NOT NULL
    UNION ALL
    SELECT 'device_id', device_id, * FROM folded WHERE device_id IS NOT NULL
)
SELECT id_kind, id, user_id, min(first_time) AS first_time, max(last_time) AS last_time, bool_or(signs_in) AS signs_in
FROM by_kind GROUP BY id_kind, id, user_id;

CREATE TABLE nameless AS
SELECT row_number, if(anonymous_id IS NULL, 'device_id', 'anonymous_id') AS id_kind, coalesce(anonymous_id, device_id) AS id,
    event_time
FROM placed WHERE reason IS NULL AND copy_of IS NULL AND user_id IS NULL;

COPY (
    SELECT id_kind, id, arg_max(user_id, last_time) AS user_id, arg_max(first_time, last_time) AS since
    FROM seen
    WHERE signs_in OR id_kind = 'anonymous_id'
    GROUP BY id_kind, id
) TO '${out}/identities.parquet' (FORMAT parquet, COMPRESSION zstd);

CREATE TABLE named AS
WITH moments AS (
    SELECT id_kind, id, event_time, row_number, NULL AS user_id FROM nameless SEMI JOIN seen USING (id_kind, id)
    UNION ALL
    SELECT id_kind, id, first_time, NULL, user_id FROM seen SEMI JOIN nameless USING (id_kind, id)
), paused AS (
    SELECT *, event_time - lag(event_time) OVER (PARTITION BY id_kind, id ORDER BY event_time, row_number NULLS FIRST)
        > INTERVAL ${session_gap} MINUTE AS is_new
    FROM moments
), visited AS (
    SELECT *, count(*) FILTER (is_new) OVER (PARTITION BY id_kind, id ORDER BY event_time, row_number NULLS FIRST) AS visit
    FROM paused
), told AS (
    SELECT row_number, id_kind, coalesce(
        last_value(user_id IGNORE NULLS) OVER (
            PARTITION BY id_kind, id ORDER BY event_time, row_number NULLS FIRST ROWS UNBOUNDED PRECEDING),
        first_value(user_id IGNORE NULLS) OVER (
            PARTITION BY id_kind, id, visit ORDER BY event_time, row_number NULLS FIRST
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
    ) AS user_id
    FROM visited
)
SELECT row_number, user_id, id_kind AS user_from FROM told WHERE row_number IS NOT NULL AND user_id IS NOT NULL;

-- step: visits
-- Within a step of the gap's length no pause ends a visit: steps are sorted instead of events.
CREATE VIEW clean AS
SELECT placed.* REPLACE (coalesce(placed.user_id, named.user_id) AS user_id),
    coalesce(named.user_from, if(placed.user_id IS NULL, NULL, 'row')) AS user_from,
    hash(coalesce('u' || placed.user_id, 'u' || named.user_id, 'a' || anonymous_id, 'd' || device_id)) AS visitor,
    epoch_us(event_time) // (${session_gap} * 60000000) AS step
FROM placed LEFT JOIN named USING (row_number)
WHERE reason IS NULL AND copy_of IS NULL;

CREATE TABLE visits AS
WITH steps AS (
    SELECT visitor, step, user_id, min(event_time) AS begins, max(event_time) AS ends, count(*) AS n_events
    FROM clean GROUP BY visitor, step, user_id
), paused AS (
    SELECT *, CASE WHEN coalesce(begins - lag(ends) OVER by_visitor > INTERVAL ${session_gap} MINUTE, true) THEN begins END
        AS first_begins
    FROM steps WINDOW by_visitor AS (PARTITION BY visitor ORDER BY step)
)
SELECT *, hash(visitor, last_value(first_begins IGNORE NULLS) OVER (
    PARTITION BY visitor ORDER BY step ROWS UNBOUNDED PRECEDING)) AS session_id
FROM paused;

COPY (
    SELECT clean.* EXCLUDE (row_number, reason, copy_of, refused_time, visitor, step),
        printf('%016x', session_id) AS session_id, 'bench' AS source
    FROM clean JOIN (SELECT visitor, step, session_id FROM visits) USING (visitor, step)
) TO '${out}/events.parquet' (FORMAT parquet, COMPRESSION zstd);

CREATE VIEW events AS SELECT * FROM '${out}/events.parquet';

CREATE TABLE sessions AS
SELECT printf('%016x', session_id) AS session_id, visitor, any_value(user_id) AS user_id, min(begins) AS started_at,
    max(ends) AS ended_at, false AS is_continued, CAST(sum(n_events) AS BIGINT) AS n_events
FROM visits GROUP BY session_id, visitor;

COPY (SELECT * EXCLUDE (visitor) FROM sessions) TO '${out}/sessions.parquet' (FORMAT parquet, COMPRESSION zstd);

COPY (
    SELECT visitor, session_id, started_at, ended_at FROM sessions
    WHERE ended_at >= DATE '${day}' + INTERVAL 1 DAY - INTERVAL ${session_gap} MINUTE
) TO '${out}/open_visits.parquet' (FORMAT parquet, COMPRESSION zstd);

-- step: purchases
CREATE TABLE purchases AS
SELECT event_id, user_id, item_id, NULL::VARCHAR AS order_id, event_time, coalesce(quantity, 1) AS quantity
FROM events WHERE event_type = 'purchase' AND coalesce(user_id, order_id) IS NOT NULL AND item_id IS NOT NULL;

COPY purchases TO '${out}/purchases.parquet' (FORMAT parquet, COMPRESSION zstd);

COPY (
    WITH back AS (
        SELECT event_id, user_id, item_id, event_time, coalesce(quantity, 1) AS quantity
        FROM events WHERE event_type IN ('refund', 'cancel')
    )
    SELECT back.*, CASE WHEN bought.event_id IS NULL THEN 'none' ELSE 'latest' END AS matched_by,
        bought.event_id AS purchase_id, bought.event_time AS purchase_time
    FROM back LEFT JOIN purchases AS bought
        ON bought.user_id = back.user_id AND bought.item_id = back.item_id
        AND bought.event_time <= back.event_time AND bought.quantity >= back.quantity
    QUALIFY row_number() OVER (PARTITION BY back.event_id ORDER BY bought.event_time DESC, bought.event_id) = 1
) TO '${out}/refunds.parquet' (FORMAT parquet, COMPRESSION zstd);

COPY (
    SELECT user_id,
        CASE WHEN bool_or(event_type = 'deletion_request') THEN 'deleted'
            WHEN arg_max(event_type, event_time) = 'opt_out' THEN 'opted_out' ELSE 'active' END AS status,
        max(event_time) AS since
    FROM events WHERE user_id IS NOT NULL AND event_type IN ('opt_out', 'opt_in', 'deletion_request')
    GROUP BY user_id
) TO '${out}/user_status.parquet' (FORMAT parquet, COMPRESSION zstd);

-- step: daily
CREATE VIEW measured AS
SELECT *,
    CAST(CASE event_type ${weights} ELSE 0 END AS DECIMAL(9, 4)) AS weight,
    CASE WHEN event_type = 'purchase' THEN 1 WHEN event_type IN ('refund', 'cancel') THEN -1 ELSE 0 END AS bought,
    bought * coalesce(price * coalesce(quantity, 1), 0) AS revenue,
    event_type IN (${intents}) AS is_intent,
    CASE WHEN is_intent AND weight > 0 AND price > 0 THEN weight END AS wanted,
    ln(CASE WHEN wanted IS NOT NULL THEN CAST(price AS DOUBLE) END) AS log_price
FROM events;

CREATE TABLE user_daily AS
WITH began AS (
    SELECT user_id, CAST(started_at AS DATE) AS event_day, count(*) AS n_sessions
    FROM sessions WHERE user_id IS NOT NULL GROUP BY ALL
)
SELECT user_id, event_day,
    count(*) AS n_events,
    count(*) FILTER (is_intent) AS n_intents,
    CAST(sum(bought) AS BIGINT) AS n_purchases,
    count(*) FILTER (event_type = 'purchase') AS n_goals,
    count(*) FILTER (event_type IN ('uninstall', 'unsubscribe')) AS n_goodbyes,
    coalesce(any_value(n_sessions), 0) AS n_sessions,
    CAST(sum(revenue) AS DECIMAL(18, 4)) AS revenue,
    CAST(coalesce(sum(wanted), 0) AS DECIMAL(18, 4)) AS wanted,
    CAST(coalesce(sum(CAST(wanted * log_price AS DECIMAL(18, 4))), 0) AS DECIMAL(18, 4)) AS wanted_log_price,
    CAST(coalesce(sum(CAST(wanted * log_price * log_price AS DECIMAL(18, 4))), 0) AS DECIMAL(18, 4))
        AS wanted_log_price_squared,
    [${hours}] AS hours,
    arg_max(country, event_time) AS country,
    arg_max(platform, event_time) AS platform,
    max(event_time) AS last_event_time
FROM measured LEFT JOIN began USING (user_id, event_day)
WHERE user_id IS NOT NULL
GROUP BY user_id, event_day;

COPY user_daily TO '${out}/user_daily.parquet' (FORMAT parquet, COMPRESSION zstd);

CREATE TABLE user_item_daily AS
SELECT user_id, item_id, event_day, count(*) AS n_events,
    count_if(event_type = 'impression') AS n_shown, count_if(event_type = 'click') AS n_opened,
    count_if(event_type = 'add_to_cart') AS n_wanted, CAST(sum(bought) AS BIGINT) AS n_purchases,
    CAST(sum(weight) AS DECIMAL(18, 4)) AS weight, min(event_time) AS first_event_time
FROM measured WHERE user_id IS NOT NULL AND item_id IS NOT NULL
GROUP BY user_id, item_id, event_day;

COPY user_item_daily TO '${out}/user_item_daily.parquet' (FORMAT parquet, COMPRESSION zstd);

CREATE TABLE item_daily AS
WITH users AS (
    SELECT item_id, count(*) AS n_users FROM user_item_daily WHERE event_day = DATE '${day}' GROUP BY item_id
), items AS (
    SELECT item_id, count(*) AS n_events, CAST(sum(bought) AS BIGINT) AS n_purchases,
        CAST(sum(revenue) AS DECIMAL(18, 4)) AS revenue, CAST(sum(weight) AS DECIMAL(18, 4)) AS weight,
        arg_max(price, event_time) AS price
    FROM measured WHERE item_id IS NOT NULL GROUP BY item_id
)
SELECT item_id, n_events, n_purchases, coalesce(n_users, 0) AS n_users, revenue, weight, price
FROM items LEFT JOIN users USING (item_id);

COPY item_daily TO '${out}/item_daily.parquet' (FORMAT parquet, COMPRESSION zstd);

CREATE TABLE context_item_daily AS
WITH places AS (
    SELECT item_id, coalesce(country, '*') AS country, coalesce(platform, '*') AS platform, sum(weight) AS weight
    FROM measured WHERE item_id IS NOT NULL GROUP BY ALL
), contexts AS (
    SELECT item_id, weight, unnest(list_distinct([
        country || '|' || platform || '|*', country || '|*|*', '*|' || platform || '|*'])) AS context
    FROM places
)
SELECT context, item_id, CAST(sum(weight) AS DECIMAL(18, 4)) AS weight
FROM contexts WHERE context <> '*|*|*' GROUP BY ALL;

COPY context_item_daily TO '${out}/context_item_daily.parquet' (FORMAT parquet, COMPRESSION zstd);

-- step: state
-- Yesterday is empty: every window holds what arrived today.
CREATE TABLE user_state AS
WITH summed AS (
    SELECT user_id, min(event_day) AS first_day, max(event_day) AS last_day,
        max(event_day) FILTER (n_intents > 0) AS last_intent_day,
        count(*) FILTER (event_day = DATE '${day}') AS days,
        CAST(sum(n_events) AS BIGINT) AS events, CAST(sum(n_intents) AS BIGINT) AS intents,
        CAST(sum(n_sessions) AS BIGINT) AS visits, CAST(sum(n_purchases) AS BIGINT) AS bought,
        CAST(sum(revenue) AS DECIMAL(18, 4)) AS paid,
        CAST(sum(wanted) AS DOUBLE) AS wanted, CAST(sum(wanted_log_price) AS DOUBLE) AS wanted_log_price,
        CAST(sum(wanted_log_price_squared) AS DOUBLE) AS wanted_log_price_squared,
        count(*) AS days_summed,
        CAST(sum(round(ln(1 + greatest(CAST(revenue AS DOUBLE), 0)), 4)) AS DECIMAL(18, 4)) AS log_revenue,
        [${hours_summed}] AS hours, [${weekdays}] AS weekdays,
        arg_max(country, last_event_time) AS country, arg_max(platform, last_event_time) AS platform
    FROM user_daily GROUP BY user_id
), wishes AS (
    SELECT user_id, count(*) AS n_wanted_items,
        CAST(sum(round(ln(1 + item_daily.n_events), 4) - usual) AS DECIMAL(18, 4)) AS log_popularity
    FROM user_item_daily JOIN item_daily USING (item_id), (
        SELECT round(sum(n_events * round(ln(1 + n_events), 4)) / sum(n_events), 4) AS usual FROM item_daily
    ) WHERE user_item_daily.weight > 0 GROUP BY user_id
)
SELECT user_id, first_day, last_day, last_intent_day,
    events AS n_events, events AS n_events_last,
    events AS n_events_7d, events AS n_events_28d, events AS n_events_90d,
    intents AS n_intents_7d, intents AS n_intents_28d, intents AS n_intents_90d,
    visits AS n_sessions_7d, visits AS n_sessions_28d, visits AS n_sessions_90d,
    days AS n_active_days, days AS n_active_days_7d, days AS n_active_days_28d, days AS n_active_days_90d,
    bought AS n_purchases, bought AS n_purchases_last,
    bought AS n_purchases_7d, bought AS n_purchases_28d, bought AS n_purchases_90d,
    paid AS revenue, paid AS revenue_last, paid AS revenue_7d, paid AS revenue_28d, paid AS revenue_90d,
    CAST(events AS DOUBLE) AS activity, DATE '${day}' AS activity_day, CAST(paid AS DOUBLE) AS decayed_revenue,
    wanted, wanted_log_price, wanted_log_price_squared,
    CAST(0 AS BIGINT) AS n_gaps, CAST(0 AS BIGINT) AS gap_days, CAST(0 AS BIGINT) AS gap_days_squared,
    CAST(0 AS BIGINT) AS n_long_gaps, days_summed AS n_days, log_revenue,
    n_wanted_items, log_popularity, hours, weekdays, country, platform
FROM summed LEFT JOIN wishes USING (user_id);

COPY user_state TO '${out}/user_state.parquet' (FORMAT parquet, COMPRESSION zstd);

CREATE TABLE item_state AS
SELECT item_id, DATE '${day}' AS first_day, DATE '${day}' AS last_day,
    n_events, n_events AS n_events_last, n_events AS n_events_7d, n_events AS n_events_28d, n_events AS n_events_90d,
    n_purchases, n_purchases AS n_purchases_last,
    n_purchases AS n_purchases_7d, n_purchases AS n_purchases_28d, n_purchases AS n_purchases_90d,
    revenue AS revenue_7d, revenue AS revenue_28d, revenue AS revenue_90d,
    CAST(weight AS DOUBLE) AS popularity, DATE '${day}' AS popularity_day, price
FROM item_daily;

COPY item_state TO '${out}/item_state.parquet' (FORMAT parquet, COMPRESSION zstd);

CREATE TABLE user_item_state AS
SELECT user_id, item_id, min(event_day) AS first_day, max(event_day) AS last_day,
    CAST(sum(n_events) AS BIGINT) AS n_events, CAST(sum(n_purchases) AS BIGINT) AS n_purchases,
    CAST(sum(weight) AS DECIMAL(18, 4)) AS weight, CAST(sum(weight) AS DOUBLE) AS affinity, DATE '${day}' AS affinity_day
FROM user_item_daily GROUP BY user_id, item_id;

COPY user_item_state TO '${out}/user_item_state.parquet' (FORMAT parquet, COMPRESSION zstd);

COPY (
    SELECT context, item_id, DATE '${day}' AS last_day, CAST(weight AS DOUBLE) AS popularity,
        DATE '${day}' AS popularity_day
    FROM context_item_daily
) TO '${out}/context_item_state.parquet' (FORMAT parquet, COMPRESSION zstd);

-- step: views
COPY (
    SELECT user_id, DATE '${day}' + 1 AS event_timestamp,
        DATE '${day}' - first_day AS tenure_days, DATE '${day}' - last_day AS days_since_event,
        DATE '${day}' - last_intent_day AS days_since_intent,
        n_events, n_events_last AS n_events_1d, n_events_7d, n_events_28d, n_events_90d,
        n_intents_7d, n_intents_28d, n_intents_90d, n_sessions_7d, n_sessions_28d, n_sessions_90d,
        n_active_days, n_active_days_7d, n_active_days_28d, n_active_days_90d,
        n_purchases, n_purchases_last AS n_purchases_1d, n_purchases_7d, n_purchases_28d, n_purchases_90d,
        CAST(revenue AS DOUBLE) AS revenue, CAST(revenue_last AS DOUBLE) AS revenue_1d,
        CAST(revenue_7d AS DOUBLE) AS revenue_7d, CAST(revenue_28d AS DOUBLE) AS revenue_28d,
        CAST(revenue_90d AS DOUBLE) AS revenue_90d,
        decayed_revenue, activity, round((n_events_7d / 7) / nullif(n_events_28d / 28, 0), 4) AS trend,
        gap_days / nullif(n_gaps, 0) AS mean_gap_days,
        sqrt(gap_days_squared / nullif(n_gaps, 0) - (gap_days / nullif(n_gaps, 0)) ** 2) AS gap_deviation_days,
        CASE WHEN wanted >= 0.01 THEN round(exp(wanted_log_price / wanted), 4) END AS typical_price,
        CASE WHEN wanted_log_price_squared / wanted - (wanted_log_price / wanted) ** 2 < 0.0005 / wanted AND wanted >= 0.01
            THEN 0 WHEN wanted >= 0.01 THEN round(sqrt(
            wanted_log_price_squared / wanted - (wanted_log_price / wanted) ** 2), 4) END AS price_spread,
        n_long_gaps, round(CAST(log_revenue AS DOUBLE) / n_days, 4) AS mean_log_revenue,
        round(CAST(log_popularity AS DOUBLE) / nullif(n_wanted_items, 0), 4) AS wanted_popularity,
        round(list_sum(list_transform(hours, lambda n, place: n * (place - 1))) / list_sum(hours), 4) AS mean_hour,
        round(ln(list_sum(weekdays)) - list_sum(list_transform(weekdays,
            lambda n: CASE WHEN n > 0 THEN n * ln(n) ELSE 0 END)) / list_sum(weekdays), 4) AS weekday_entropy,
        hours, weekdays, country, platform
    FROM user_state
) TO '${out}/user_activity.parquet' (FORMAT parquet, COMPRESSION zstd);

COPY (
    SELECT item_id, DATE '${day}' + 1 AS event_timestamp, DATE '${day}' - first_day AS age_days,
        DATE '${day}' - last_day AS days_since_event,
        n_events_last AS n_events_1d, n_events_7d, n_events_28d, n_events_90d,
        n_purchases_last AS n_purchases_1d, n_purchases_7d, n_purchases_28d, n_purchases_90d,
        CAST(revenue_7d AS DOUBLE) AS revenue_7d, CAST(revenue_28d AS DOUBLE) AS revenue_28d,
        CAST(revenue_90d AS DOUBLE) AS revenue_90d, popularity,
        round((n_events_7d / 7) / nullif(n_events_28d / 28, 0), 4) AS trend,
        CASE WHEN n_events_28d = 0 THEN 'resting' WHEN age_days < 14 THEN 'new' ELSE 'steady' END AS life_cycle,
        CAST(price AS DOUBLE) AS price
    FROM item_state
) TO '${out}/item_popularity.parquet' (FORMAT parquet, COMPRESSION zstd);

COPY (
    SELECT user_id, DATE '${day}' + 1 AS event_timestamp, count(*) AS n_items,
        list(item_id ORDER BY affinity DESC, item_id)[:${affinity_items}] AS items,
        list(affinity ORDER BY affinity DESC, item_id)[:${affinity_items}] AS affinities
    FROM user_item_state WHERE affinity > 0 GROUP BY user_id
) TO '${out}/user_item_affinity.parquet' (FORMAT parquet, COMPRESSION zstd);

-- step: checks
CREATE TABLE checks AS
SELECT 'events' AS told, count(*) AS n_rows,
    count_if(event_id IS NULL OR event_type IS NULL OR event_time IS NULL OR event_day IS NULL OR session_id IS NULL
        OR source IS NULL) AS nulls,
    count_if(event_type NOT IN (${types})) + count_if(event_day > DATE '${day}')
        + count_if(price < 0 OR price > ${max_price}) + count_if(quantity < 1 OR quantity > ${max_quantity})
        + count_if(position < 0) + count_if(dwell_ms < 0 OR dwell_ms > ${max_dwell_ms})
        + count_if(user_from NOT IN ('row', 'anonymous_id', 'device_id'))
        + count_if(item_id IS NULL AND event_type IN (${needs_item}))
        + count_if(user_id IS NULL AND anonymous_id IS NULL AND device_id IS NULL)
        + CAST(count_if(price IS NULL AND event_type = 'purchase') > 0.1 * count_if(event_type = 'purchase') AS INTEGER)
        + CAST(max(event_time) < DATE '${day}' AS INTEGER) AS broken,
    count(*) - count(DISTINCT event_id) AS repeated
FROM '${out}/events.parquet'
UNION ALL
SELECT 'quarantine', count(*), count_if(reason IS NULL OR raw IS NULL), count_if(length(reason) = 0), 0
FROM '${out}/quarantine.parquet'
UNION ALL
SELECT 'sessions', count(*), count_if(session_id IS NULL OR started_at IS NULL OR ended_at IS NULL),
    count_if(started_at > ended_at) + count_if(n_events < 1), count(*) - count(DISTINCT session_id)
FROM '${out}/sessions.parquet'
UNION ALL
SELECT 'ledger', count(*), count_if(n_rows IS NULL), CAST(
    sum(n_rows) FILTER (place = 'raw') <> sum(n_rows) FILTER (place <> 'raw')
    OR sum(n_rows) FILTER (place = 'quarantined') > 0.2 * sum(n_rows) FILTER (place = 'raw') AS INTEGER), 0
FROM '${out}/ledger.parquet'
UNION ALL
SELECT 'user_daily', count(*), count_if(user_id IS NULL OR event_day IS NULL OR revenue IS NULL),
    count_if(event_day > DATE '${day}') + count_if(n_events < 1) + count_if(n_intents < 0)
        + count_if(n_intents > n_events) + count_if(n_sessions > n_events), count(*) - count(DISTINCT (user_id, event_day))
FROM '${out}/user_daily.parquet'
UNION ALL
SELECT 'user_activity', count(*), count_if(user_id IS NULL OR n_events IS NULL OR activity IS NULL OR hours IS NULL),
    count_if(days_since_event < 0) + count_if(days_since_event > tenure_days) + count_if(days_since_event > days_since_intent)
        + count_if(days_since_intent > tenure_days) + count_if(n_events_7d > n_events_28d)
        + count_if(n_events_28d > n_events_90d) + count_if(n_events_90d > n_events) + count_if(n_intents_7d > n_intents_28d)
        + count_if(n_intents_28d > n_intents_90d) + count_if(n_intents_90d > n_events_90d)
        + count_if(n_active_days_28d > n_active_days_90d) + count_if(n_active_days_90d > n_active_days)
        + count_if(n_sessions_28d > n_events_28d) + count_if(n_events < 1) + count_if(n_events_7d < 0)
        + count_if(activity < 0) + count_if(mean_gap_days < 0) + count_if(isinf(activity) OR isnan(activity)),
    count(*) - count(DISTINCT user_id)
FROM '${out}/user_activity.parquet'
UNION ALL
SELECT 'item_popularity', count(*), count_if(item_id IS NULL OR popularity IS NULL),
    count_if(days_since_event < 0) + count_if(days_since_event > age_days) + count_if(n_events_7d > n_events_28d)
        + count_if(trend < 0 OR trend > 4) + count_if(price < 0 OR price > ${max_price}), count(*) - count(DISTINCT item_id)
FROM '${out}/item_popularity.parquet'
UNION ALL
SELECT 'user_item_affinity', count(*), count_if(user_id IS NULL OR items IS NULL),
    count_if(len(items) < 1 OR len(items) > ${affinity_items}) + count_if(len(items) <> len(affinities))
        + count_if(len(items) > n_items), count(*) - count(DISTINCT user_id)
FROM '${out}/user_item_affinity.parquet';

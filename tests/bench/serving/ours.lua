-- Random users of our server; the last line is read by http.py.
local n = tonumber(os.getenv("BENCH_USERS"))
local path = os.getenv("BENCH_PATH")

function setup(thread) thread:set("seed", tonumber(tostring(thread):match("0x(%x+)"), 16) % 100000) end
function init() math.randomseed(seed) end

function request()
  return wrk.format("GET", string.format(path, math.random(0, n - 1)))
end

function done(summary, latency)
  local bad = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout
  io.write(string.format('{"requests":%d,"us":%d,"p50_us":%d,"p99_us":%d,"bad":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), bad))
end

-- Random users of feast serve; the last line is read by http.py.
local n = tonumber(os.getenv("BENCH_USERS"))

function setup(thread) thread:set("seed", tonumber(tostring(thread):match("0x(%x+)"), 16) % 100000) end
function init() math.randomseed(seed) end


function done(summary, latency)
  local bad = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout
  io.write(string.format('{"requests":%d,"us":%d,"p50_us":%d,"p99_us":%d,"bad":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), bad))
end

local head = '{"features":' .. os.getenv("BENCH_FEATURES") .. ',"full_feature_names":true,"entities":{"user_id":["u'

function request()
  local body = head .. string.format("%06d", math.random(0, n - 1)) .. '"]}}'
  return wrk.format("POST", "/get-online-features", { ["Content-Type"] = "application/json" }, body)
end

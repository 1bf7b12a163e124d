-- Cycles through the keys of $KEYS on $TARGET, from line $FIRST + 1 on; the requests are formatted once, so the generator stays cheap.
-- Without $KEYS one request with no credential. Writes what it counted to $OUT.
local requests, n, i = {}, 0, 0
init = function()
  local target, keys, first = os.getenv("TARGET"), os.getenv("KEYS"), tonumber(os.getenv("FIRST") or "0")
  if not keys then
    requests[1], n = wrk.format("GET", target), 1
    return
  end
  for line in io.lines(keys) do
    n = n + 1
    wrk.headers["Authorization"] = "Bearer " .. line
    requests[n] = wrk.format("GET", target)
  end
  i = first % n
end
request = function() i = i % n + 1 return requests[i] end
done = function(summary, latency)
  local e, out = summary.errors, io.open(os.getenv("OUT"), "w")
  out:write(string.format(
    '{"requests":%d,"seconds":%.6f,"not_2xx":%d,"socket_errors":%d,"p50_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f}',
    summary.requests, summary.duration / 1e6, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
  out:close()
end

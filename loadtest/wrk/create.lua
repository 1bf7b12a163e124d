-- Creates keys with the admin's token $TOKEN: $BODY is sent again and again, and each makes another. Writes what it counted to $OUT, as requests.lua does.
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
wrk.headers["Content-Type"] = "application/json"
wrk.body = os.getenv("BODY")
done = function(summary, latency)
  local e, out = summary.errors, io.open(os.getenv("OUT"), "w")
  out:write(string.format(
    '{"requests":%d,"seconds":%.6f,"not_2xx":%d,"socket_errors":%d,"p50_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f}',
    summary.requests, summary.duration / 1e6, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
  out:close()
end

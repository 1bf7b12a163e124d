-- http-request lua.authz URL: asks the edge about a request, and leaves its status and what an
-- upstream is to see in variables of the transaction. No answer leaves status 503.
local IDENTITY = { "x-mol-partner-id", "x-mol-org-id", "x-mol-target-org-id", "x-mol-key-id", "x-mol-scopes" }

local function first(headers, name)
  return headers[name] and headers[name][0]
end

core.register_action("authz", { "http-req" }, function(txn, url)
  local sent = {
    ["x-forwarded-method"] = { txn.sf:method() },
    ["x-forwarded-uri"] = { txn.sf:pathq() },
    ["x-forwarded-for"] = { txn.sf:src() },
  }
  -- All of them: the edge refuses a repeated credential, and so must the whole.
  local got = txn.http:req_get_headers()
  for _, name in ipairs({ "authorization", "x-request-id" }) do
    if got[name] then
      sent[name] = {}
      for i = 0, #got[name] do table.insert(sent[name], got[name][i]) end
    end
  end
  if first(got, "host") then sent["x-forwarded-host"] = { first(got, "host") } end

  local answer = core.httpclient():get({ url = url, headers = sent, timeout = 5000 })
  txn:set_var("txn.authz_status", answer and answer.status ~= 0 and answer.status or 503)
  local headers = answer and answer.headers or {}
  txn:set_var("txn.authz_challenge", first(headers, "www-authenticate") or "Bearer")
  txn:set_var("txn.authz_retry_after", first(headers, "retry-after") or "1")
  for _, name in ipairs(IDENTITY) do
    local value = first(headers, name)
    if value then txn:set_var("txn." .. name:gsub("^x%-", ""):gsub("%-", "_"), value) end
  end
end, 1)

-- Names the memory this Redis server has now, so that what an earlier memory held can be told apart.
--
-- KEYS[1]  the epoch's place, without TTL
-- result   {identity, startMicros as text}
--          identity     run_id, a colon, master_replid: a new process or a new history is a new identity
--          startMicros  Redis TIME when this identity was first seen, microseconds
-- Atomic. An identity that differs from the stored one (or none stored: restart without persistence,
-- FLUSHALL) starts a new epoch; a server that was demoted and promoted again gets a new one too,
-- because its replication id is new. After FLUSHALL run SCRIPT FLUSH as well: nodes learn of an epoch
-- by reconnecting or by NOSCRIPT.

local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local history = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
local identity = run_id .. ':' .. history

local stored = redis.call('GET', KEYS[1])
if stored then
  local known, start = string.match(stored, '^(%S+) (%d+)$')
  if known == identity then
    return {identity, start}
  end
end

local time = redis.call('TIME')
local start = string.format('%s%06d', time[1], time[2])
redis.call('SET', KEYS[1], identity .. ' ' .. start)
return {identity, start}

-- Writes a key's record unless a newer one is there, and for a new key its full bucket.
--
-- KEYS[1]  the record's place
-- KEYS[2]  the bucket of a key that is being created, or absent; same slot as KEYS[1]
-- ARGV[1]  the record (layout in admit.lua); its first 4 bytes are replaced by the incarnation
-- ARGV[2]  the record's TTL in milliseconds
-- result   {won, version, state}: won 1 if written, 0 if a higher version was there; then the version
--          and state that stand there now
-- error    STALE_EPOCH: nothing was done; read the epoch again
-- bucket   written full if the key has no root but itself (a successor shares a bucket that may be
--          refilling) and neither record nor bucket of this incarnation was there.
--          TTL: time to full + 1 s, after which a missing bucket is full
-- Atomic. A record of another incarnation counts as none, whatever its version. Versions are integers
-- below 2^53.
-- The line before this text defines INCARNATION, EPOCH_START_MICROS, EPOCH_PLACE, EPOCH, FIXED_NOW.

local UNITS = 60000000
local RECORD = '>I4I8I1I1I4I4I4I8'
local BUCKET = '>I4i8I8I4I8I4I8'

local function now_micros()
  if FIXED_NOW then
    return FIXED_NOW
  end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function is_of_another_incarnation(value)
  return struct.unpack('>I4', value) ~= INCARNATION
end

local _, version, state, flags, _, rate, burst = struct.unpack(RECORD, ARGV[1])

local stored = redis.call('GET', KEYS[1])
local is_new = true
if stored then
  if is_of_another_incarnation(stored) then
    -- After FLUSHALL a node of the old epoch must not overwrite what the new epoch knows.
    if redis.call('GET', EPOCH_PLACE) ~= EPOCH then
      return redis.error_reply('STALE_EPOCH the epoch is another one')
    end
  else
    local _, stored_version, stored_state = struct.unpack(RECORD, stored)
    if stored_version > version then
      return {0, stored_version, stored_state}
    end
    is_new = false
  end
end

redis.call('SET', KEYS[1], struct.pack('>I4', INCARNATION) .. string.sub(ARGV[1], 5),
  'PX', ARGV[2])

if KEYS[2] and is_new and bit.band(flags, 1) == 0 then
  local bucket = redis.call('GET', KEYS[2])
  if not bucket or is_of_another_incarnation(bucket) then
    local now = now_micros()
    redis.call('SET', KEYS[2],
      struct.pack(BUCKET, INCARNATION, burst * UNITS, now, 0, 0, 0, 0),
      'PX', math.ceil(burst * UNITS / rate / 1000) + 1000)
  end
end

return {1, version, state}

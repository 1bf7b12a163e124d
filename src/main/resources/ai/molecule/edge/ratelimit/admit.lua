-- Reads a key's record and takes tokens from its lineage's bucket, in one atomic step.
--
-- KEYS[1]  the record's place (k:{h}, or beside the bucket of a rotated key k:{root}:h)
-- KEYS[2]  the bucket (b:{root}); same slot as KEYS[1]
-- ARGV[1]  known version: a record of this version is not sent again; 0 = none known
-- ARGV[2]  scopes the request needs, a 32-bit mask
-- ARGV[3]  cost in tokens; 0 takes none for a request
-- ARGV[4]  want: tokens to take, >= cost; those beyond the cost are leased, as long as no more than half
--          the burst is outstanding in leases. 0 with a cost of 0 only looks
-- ARGV[5]  outage start, Redis time in microseconds; 0 = no outage to settle. With a negative debit: no
--          later than when the tokens given back were taken
-- ARGV[6]  debit: tokens that the caller's node gave out by itself during that outage, or that a request
--          turned out to cost above what was taken for it; negative to give back what it cost less
-- ARGV[7]  length of a lease slot in microseconds, by the caller's demand; 50 ms to 5 s
-- result   {status, version, remaining, fullInMillis, granted, leaseMillis, waitMillis, record,
--           state, redisTimeMicros, bucketSeen}
--          status       0 miss: no record of this incarnation; bucket untouched
--                       1 admitted: granted tokens taken, granted - cost of them leased
--                       2 limited: nothing taken; the cost will be there in waitMillis
--                       3 peeked: nothing taken. The cost is 0 (and nothing could be leased), or the
--                         key may not pass (state, scope), or the caller must decide first (ip rules it does not know, bucket elsewhere)
--          remaining    whole tokens left, never negative
--          leaseMillis  how long leased tokens may be spent, from the moment the call was sent
--          record       its bytes if its version differs from the known one, else false
--          state        of the record now: 0 active, 1 revoked, 2 disabled, 3 rotated,
--                       4 org suspended, 5 expired
--          bucketSeen   1 if the bucket was looked at (and outage and debit were settled), 0 if not
--                       (miss, or the record's root says that the bucket is another one)
-- error    STALE_EPOCH: nothing was done; read the epoch again
-- record   >I4 incarnation I8 version I1 state I1 flags I4 scopes I4 ratePerMinute I4 burst
--          I8 notAfterMillis (0 = never), 43 bytes root if flag 1, then the payload.
--          flags: 1 rooted (root follows), 2 ip rules, 4 notAfter ends a grace period
--          TTL: renewed to 1 h when an active one is sent; a caller that knows it does without
-- bucket   >I4 incarnation i8 k units I8 t micros I4 a I8 ea I4 b I8 eb
--          k tokens (1 token = 60 000 000 units, so a microsecond refills ratePerMinute units), t time
--          of the last refill, a and b tokens leased that may be spent until ea and eb, eb <= ea.
--          TTL: time to full + 1 s.
--          Missing or of another incarnation: empty when the epoch began and the nodes had time to
--          find it, refilled since, beside the leases that may be left from before.
-- slots    a lease granted in one slot ends with the next. Leases with more than two different ends
--          count until the later ones. A burst below LEASED_BURST_MIN is never leased
-- All numbers are integers below 2^53. Time is Redis TIME, read once, and never goes back.
-- The line before this text defines INCARNATION, EPOCH_START_MICROS, EPOCH_PLACE, EPOCH, FIXED_NOW.

local UNITS = 60000000
local SLOT_MICROS_MIN, SLOT_MICROS_MAX = 50000, 5000000
local LEASED_BURST_MIN = 128
local QUIET_MICROS, QUIET_LEASED_MICROS = 100000, 2000000
local RECORD = '>I4I8I1I1I4I4I4I8'
local RECORD_BYTES = 34
local BUCKET = '>I4i8I8I4I8I4I8'
local BUCKET_BYTES = 44
local MISS, ADMITTED, LIMITED, PEEKED = 0, 1, 2, 3

local function now_micros()
  if FIXED_NOW then
    return FIXED_NOW
  end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local now = now_micros()
local redis_time = now

-- The record -------------------------------------------------------------------------------------

local record = redis.call('GET', KEYS[1])
if not record or #record < RECORD_BYTES then
  return {MISS, 0, 0, 0, 0, 0, 0, false, 0, redis_time, 0}
end
local written, version, state, flags, scopes, rate, burst, not_after =
  struct.unpack(RECORD, record)
if written ~= INCARNATION then
  return {MISS, 0, 0, 0, 0, 0, 0, false, 0, redis_time, 0}
end

if not_after > 0 and now >= not_after * 1000 and state ~= 1 and state ~= 3 then
  state = bit.band(flags, 4) ~= 0 and 3 or 5
end
local unknown = version ~= tonumber(ARGV[1])
if unknown and state == 0 then
  redis.call('PEXPIRE', KEYS[1], 3600000)
end
local answer = unknown and record

if bit.band(flags, 1) ~= 0 then
  local root = string.sub(record, RECORD_BYTES + 1, RECORD_BYTES + 43)
  if KEYS[2] ~= 'b:{' .. root .. '}' then
    return {PEEKED, version, 0, 0, 0, 0, 0, answer, state, redis_time, 0}
  end
end

-- The bucket -------------------------------------------------------------------------------------

local cap = burst * UNITS
local k, t, a, ea, b, eb

local stored = redis.call('GET', KEYS[2])
if stored and #stored == BUCKET_BYTES then
  local bucket_written
  bucket_written, k, t, a, ea, b, eb = struct.unpack(BUCKET, stored)
  if bucket_written ~= INCARNATION then
    -- After FLUSHALL two epochs could take turns, each finding a fresh bucket: the stored one decides.
    if redis.call('GET', EPOCH_PLACE) ~= EPOCH then
      return redis.error_reply('STALE_EPOCH the epoch is another one')
    end
    k = nil
  end
end
if not k then
  k, t, a, ea, b, eb = 0, EPOCH_START_MICROS + QUIET_MICROS, 0, 0, 0, 0
  if burst >= LEASED_BURST_MIN then
    -- At most half a burst was out in leases when the memory was lost: as if it were still.
    t = EPOCH_START_MICROS + QUIET_LEASED_MICROS
    a, ea = math.floor(burst / 2), EPOCH_START_MICROS + 2 * SLOT_MICROS_MAX
  end
end

local function refill(till)
  local most = cap - (a + b) * UNITS
  if k < most then
    -- Bounded first, so that the product stays below 2^53.
    if till - t >= math.ceil((most - k) / rate) then
      k = most
    else
      k = k + (till - t) * rate
    end
  end
  t = till
end

-- Piece by piece: refilled under the cap that the leases outstanding left, until they ended. In one
-- piece under the cap of now it would give out up to twice the burst.
local function advance(till)
  if b > 0 and eb <= till then
    refill(math.max(t, eb))
    b = 0
  end
  if a > 0 and ea <= till then
    refill(math.max(t, ea))
    a = 0
  end
  refill(till)
end

-- Counts tokens as leased until `ends`. A third group joins the two older ones, until the later end.
local function lease(tokens, ends)
  if a > 0 and ends <= ea then
    a = a + tokens
  else
    b, eb = b + a, a > 0 and ea or eb
    a, ea = tokens, ends
  end
end

-- A burst lowered since the bucket was written takes effect at once.
k = math.min(k, math.max(0, cap - (a + b) * UNITS))
now = math.max(now, t)

local outage_start, debit = tonumber(ARGV[5]), tonumber(ARGV[6])
local settle = outage_start > 0 or debit ~= 0
if debit < 0 then
  -- Invariant: the bucket holds no more than it would, had the request taken its true cost at once. It
  -- would have refilled the same, but for what a full bucket loses: at most all the refill since.
  advance(now)
  local lost = math.min(math.max(0, now - outage_start), math.ceil(cap / rate)) * rate
  local back = math.max(0, -debit * UNITS - lost)
  k = math.max(k, math.min(k + back, cap - (a + b) * UNITS))
elseif outage_start > 0 and t <= outage_start and outage_start < now then
  -- The first to come back settles for all: each node began the outage with nothing but what its own
  -- debit tells, and gave out its share of the refill at most, at worst all of it just now.
  advance(outage_start)
  local refilled = cap
  if now - outage_start < math.ceil(cap / rate) then
    refilled = (now - outage_start) * rate
  end
  local withheld = math.min(k, cap - refilled)
  advance(now)
  k = math.min(withheld, k - debit * UNITS)
else
  advance(now)
  k = k - debit * UNITS
end
k = math.max(k, -cap)

-- The decision -----------------------------------------------------------------------------------

local cost, want = tonumber(ARGV[3]), tonumber(ARGV[4])
local whole = math.max(0, math.floor(k / UNITS))
local status, granted, lease_millis, wait_millis = PEEKED, 0, 0, 0

-- When the tokens will be there: refill, and no earlier than the leases in their way end.
local function wait_micros(units)
  local wait = math.max(0, math.ceil((units - k) / rate))
  if a + b > 0 and units > cap - (a + b) * UNITS then
    wait = math.max(wait, (a > 0 and ea or eb) - now)
  end
  return wait
end

local passes = state == 0
  and bit.band(tonumber(ARGV[2]), bit.bnot(scopes)) == 0
  and not (unknown and bit.band(flags, 2) ~= 0)
if passes and (cost > 0 or want > 0) then
  -- Leases outstanding lower the cap of the refill: never below half of it.
  local room = burst < LEASED_BURST_MIN and 0 or math.max(0, math.floor(burst / 2) - a - b)
  local leased = math.min(want - cost, whole - cost, room)
  if whole >= cost and cost + leased > 0 then
    status = ADMITTED
    granted = cost + math.max(0, leased)
    k = k - granted * UNITS
    whole = whole - granted
    if granted > cost then
      local slot = math.max(SLOT_MICROS_MIN, math.min(SLOT_MICROS_MAX, tonumber(ARGV[7])))
      local ends = (math.floor(now / slot) + 2) * slot
      lease(granted - cost, ends)
      lease_millis = math.floor((ends - now) / 1000)
    end
  elseif cost > 0 then
    status = LIMITED
    wait_millis = math.max(1, math.ceil(wait_micros(cost * UNITS) / 1000))
  end
end

local full_millis = math.ceil(wait_micros(cap) / 1000)

-- What was only looked at need not be written: the next call works out the same from the old state.
if granted > 0 or settle then
  redis.call('SET', KEYS[2], struct.pack(BUCKET, INCARNATION, k, t, a, ea, b, eb),
    'PX', full_millis + 1000)
end

return {status, version, whole, full_millis, granted, lease_millis, wait_millis, answer, state,
  redis_time, 1}

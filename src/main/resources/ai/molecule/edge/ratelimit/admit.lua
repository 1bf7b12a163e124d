-- Reads a key's record and takes tokens from its lineage's bucket, in one atomic step; does so for several
-- asks in one call, one after the other, as if each had come by itself.
--
-- KEYS     of each ask two: the record's place (k:{h}, or beside the bucket of a rotated key k:{root}:h),
--          and the bucket (b:{root}) in the same slot
-- ARGV[1]  the asks behind each other, each >I8 known I4 needed I4 cost I4 want I1 more, 21 bytes, and
--          behind them if more is not 0, for what may lease or settle, I4 slot I8 outage start i8 debit;
--          private to a build like the result
--          known        a record of this version is not sent again; 0 = none known
--          needed       scopes the request needs, a 32-bit mask
--          cost         in tokens; 0 takes none for a request
--          want         tokens to take, >= cost; those beyond the cost are leased, as long as no more
--                       than half the burst is outstanding in leases. 0 with a cost of 0 only looks
--          slot         length of a lease slot in microseconds, by the caller's demand; 50 ms to 5 s
--          outage start Redis time in microseconds; 0 = no outage to settle. With a negative debit: no
--                       later than when the tokens given back were taken
--          debit        tokens that the caller's node gave out by itself during that outage, or that a
--                       request turned out to cost above what was taken for it; negative to give back
--                       what it cost less
-- result   of one ask the answer, of several an array of theirs, false for one for which nothing was done:
--          ask it by itself, to see why. An answer is one string, >I4 remaining I8 fullInMillis
--          I8 redisTimeMicros, 20 bytes, when all else is plain: admitted under the known version, the
--          cost taken and nothing leased; otherwise >I1 status I1 state I1 bucketSeen I8 version
--          I4 remaining I8 fullInMillis I4 granted I4 leaseMillis I8 waitMillis I8 redisTimeMicros,
--          47 bytes, and the record behind it if its version differs from the known one
--          status       0 miss: no record of this incarnation; bucket untouched
--                       1 admitted: granted tokens taken, granted - cost of them leased
--                       2 limited: nothing taken; the cost will be there in waitMillis
--                       3 peeked: nothing taken. The cost is 0 (and nothing could be leased), or the
--                         key may not pass (state, scope), or the caller must decide first (ip rules it does not know, bucket elsewhere)
--          state        of the record now: 0 active, 1 revoked, 2 disabled, 3 rotated,
--                       4 org suspended, 5 expired
--          bucketSeen   1 if the bucket was looked at (and outage and debit were settled), 0 if not
--                       (miss, or the record's root says that the bucket is another one)
--          remaining    whole tokens left, never negative
--          leaseMillis  how long leased tokens may be spent, from the moment the call was sent
-- error    STALE_EPOCH: nothing was done; read the epoch again. An error is raised before the first write
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

-- Written for the plain request: no function is made and no table looked up twice on its way, since
-- each costs more here than the arithmetic. (x - x % n) / n is x / n rounded down, (x + -x % n) / n up.

local UNITS = 60000000
local SLOT_MICROS_MIN, SLOT_MICROS_MAX = 50000, 5000000
local LEASED_BURST_MIN = 128
local QUIET_MICROS, QUIET_LEASED_MICROS = 100000, 2000000
local RECORD = '>I4I8I1I1I4I4I4I8'
local RECORD_BYTES = 34
local BUCKET = '>I4i8I8I4I8I4I8'
local BUCKET_BYTES = 44
local PLAIN = '>I4I8I8'
local REPLY = '>I1I1I1I8I4I8I4I4I8I8'
local MISS, ADMITTED, LIMITED, PEEKED = 0, 1, 2, 3

local call, try, unpack, pack = redis.call, redis.pcall, struct.unpack, struct.pack

local time = FIXED_NOW
if not time then
  local parts = call('TIME')
  time = parts[1] * 1000000 + parts[2]
end

local answers, at = {}, 1
for i = 1, #KEYS, 2 do
  local failure
  local known, needed, cost, want, more
  known, needed, cost, want, more, at = unpack('>I8I4I4I4I1', ARGV[1], at)
  local slot, outage_start, debit = 0, 0, 0
  if more ~= 0 then
    slot, outage_start, debit, at = unpack('>I4I8i8', ARGV[1], at)
  end
  local now, answer = time, false
  repeat

    -- The record -------------------------------------------------------------------------------------

    local record = try('GET', KEYS[i])
    if not record or #record < RECORD_BYTES then
      failure = record and record.err and record
      answer = not failure and pack(REPLY, MISS, 0, 0, 0, 0, 0, 0, 0, 0, time)
      break
    end
    local written, version, state, flags, scopes, rate, burst, not_after = unpack(RECORD, record)
    if written ~= INCARNATION then
      answer = pack(REPLY, MISS, 0, 0, 0, 0, 0, 0, 0, 0, time)
      break
    end

    if not_after > 0 and now >= not_after * 1000 and state ~= 1 and state ~= 3 then
      state = bit.band(flags, 4) ~= 0 and 3 or 5
    end
    local unknown = version ~= known
    if unknown and state == 0 then
      call('PEXPIRE', KEYS[i], 3600000)
    end
    local news = unknown and record or ''

    if flags ~= 0 and bit.band(flags, 1) ~= 0 then
      local root = string.sub(record, RECORD_BYTES + 1, RECORD_BYTES + 43)
      if KEYS[i + 1] ~= 'b:{' .. root .. '}' then
        answer = pack(REPLY, PEEKED, state, 0, version, 0, 0, 0, 0, 0, time) .. news
        break
      end
    end

    -- The bucket -------------------------------------------------------------------------------------

    local cap = burst * UNITS
    local k, t, a, ea, b, eb

    local stored = try('GET', KEYS[i + 1])
    if stored and #stored == BUCKET_BYTES then
      local bucket_written
      bucket_written, k, t, a, ea, b, eb = unpack(BUCKET, stored)
      if bucket_written ~= INCARNATION then
        -- After FLUSHALL two epochs could take turns, each finding a fresh bucket: the stored one decides.
        if call('GET', EPOCH_PLACE) ~= EPOCH then
          failure = redis.error_reply('STALE_EPOCH the epoch is another one')
          break
        end
        k = nil
      end
    end
    if not k then
      if stored and stored.err then
        failure = stored
        break
      end
      k, t, a, ea, b, eb = 0, EPOCH_START_MICROS + QUIET_MICROS, 0, 0, 0, 0
      if burst >= LEASED_BURST_MIN then
        -- At most half a burst was out in leases when the memory was lost: as if it were still.
        t = EPOCH_START_MICROS + QUIET_LEASED_MICROS
        a, ea = math.floor(burst / 2), EPOCH_START_MICROS + 2 * SLOT_MICROS_MAX
      end
    end

    -- A burst lowered since the bucket was written takes effect at once.
    local most_now = cap - (a + b) * UNITS
    if k > most_now then
      k = math.min(k, math.max(0, most_now))
    end
    if now < t then
      now = t
    end

    -- The first to come back settles for all: each node began the outage with nothing but what its own
    -- debit tells, and gave out its share of the refill at most, at worst all of it just now.
    local settle = outage_start > 0 or debit ~= 0
    local settles_outage = debit >= 0 and outage_start > 0 and t <= outage_start and outage_start < now
    local withheld
    local stop = settles_outage and outage_start or now

    -- Piece by piece: refilled under the cap that the leases outstanding left, until they ended. In one
    -- piece under the cap of now it would give out up to twice the burst.
    while true do
      local till, b_ends, a_ends = stop, b > 0 and eb <= stop, false
      if b_ends then
        till = eb
      elseif a > 0 and ea <= stop then
        till, a_ends = ea, true
      end
      if till > t then
        local most = cap - (a + b) * UNITS
        if k < most then
          -- Beyond 2^53 the sum is rounded, and beyond every cap.
          k = k + (till - t) * rate
          if k > most then
            k = most
          end
        end
        t = till
      end
      if b_ends then
        b = 0
      elseif a_ends then
        a = 0
      elseif stop < now then
        withheld = math.min(k, cap - math.min(cap, (now - outage_start) * rate))
        stop = now
      else
        break
      end
    end

    if settles_outage then
      k = math.min(withheld, k - debit * UNITS)
    elseif debit < 0 then
      -- Invariant: the bucket holds no more than it would, had the request taken its true cost at once. It
      -- would have refilled the same, but for what a full bucket loses: at most all the refill since.
      local lost = math.min(math.max(0, now - outage_start), math.ceil(cap / rate)) * rate
      local back = math.max(0, -debit * UNITS - lost)
      k = math.max(k, math.min(k + back, cap - (a + b) * UNITS))
    else
      k = k - debit * UNITS
    end
    if k < -cap then
      k = -cap
    end

    -- The decision -----------------------------------------------------------------------------------

    local whole = k > 0 and (k - k % UNITS) / UNITS or 0
    local status, granted, lease_millis, wait_millis = PEEKED, 0, 0, 0

    if state == 0 and want + cost > 0
      and (needed == 0 or bit.band(needed, bit.bnot(scopes)) == 0)
      and not (unknown and flags ~= 0 and bit.band(flags, 2) ~= 0)
    then
      if whole < cost then
        status = LIMITED
      else
        granted = cost
        if want > cost and burst >= LEASED_BURST_MIN then
          -- Leases outstanding lower the cap of the refill: never below half of it.
          local room = math.floor(burst / 2) - a - b
          local leased = math.min(want - cost, whole - cost, room)
          if leased > 0 then
            granted = cost + leased
            slot = math.max(SLOT_MICROS_MIN, math.min(SLOT_MICROS_MAX, slot))
            local ends = (math.floor(now / slot) + 2) * slot
            lease_millis = math.floor((ends - now) / 1000)
            -- A third group of leases joins the two older ones, until the later end.
            if a > 0 and ends <= ea then
              a = a + leased
            else
              b, eb = b + a, a > 0 and ea or eb
              a, ea = leased, ends
            end
          end
        end
        if granted > 0 then
          status = ADMITTED
          k = k - granted * UNITS
          whole = whole - granted
        end
      end
    end

    -- When it will be full, and when the cost will be there: by refill, and no earlier than the leases in
    -- the way end.
    local full_micros = cap - k
    full_micros = (full_micros + -full_micros % rate) / rate
    if a + b > 0 then
      local ends = a > 0 and ea or eb
      if full_micros < ends - now then
        full_micros = ends - now
      end
    end
    local full_millis = (full_micros + -full_micros % 1000) / 1000
    if status == LIMITED then
      local wait = math.max(0, math.ceil((cost * UNITS - k) / rate))
      if a + b > 0 and cost * UNITS > cap - (a + b) * UNITS then
        wait = math.max(wait, (a > 0 and ea or eb) - now)
      end
      wait_millis = math.max(1, math.ceil(wait / 1000))
    end

    -- What was only looked at need not be written: the next call works out the same from the old state.
    if granted > 0 or settle then
      call('SET', KEYS[i + 1], pack(BUCKET, INCARNATION, k, t, a, ea, b, eb), 'PX', full_millis + 1000)
    end

    if granted == cost and status == ADMITTED and not unknown then
      answer = pack(PLAIN, whole, full_millis, time)
    else
      answer = pack(REPLY, status, state, 1, version, whole, full_millis, granted, lease_millis,
        wait_millis, time) .. news
    end

  until true

  if #KEYS == 2 then
    return failure or answer
  end
  answers[(i + 1) / 2] = answer
end
return answers

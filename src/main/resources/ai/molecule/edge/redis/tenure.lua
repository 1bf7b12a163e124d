-- In a cluster, put before every script: finds out since when this server has had the slot.
--
-- A tenure is the time from when a slot came to a server, or lost its memory there, until it leaves. What
-- earlier tenures wrote does not count: it may have been overtaken at a server that has forgotten that since.
--
-- KEYS     the last one is the place of the slot's tenure (o:{…}), without TTL; taken off for the script
-- ARGV     the last one is the stamp that the tenure must have, 0 for any; taken off for the script
-- error    STALE_EPOCH: the server is in another incarnation; nothing was done, read the epoch again
--          STALE_TENURE: the tenure is another one than was to be; the script was not run
-- place    >I4 incarnation of the server I4 stamp I8 start, Redis time in microseconds
-- For the script INCARNATION and EPOCH_START_MICROS become the tenure's stamp and start, EPOCH_PLACE and
-- EPOCH the place and what stands there.
-- Atomic with the script.
--
-- A slot may leave a server, be served by another one that then loses what was written to it, and come back
-- as it left. So what stands at the place must have been written here and not have travelled: it is written
-- in two parts, which leaves it unpacked in memory ("raw"); whatever comes by MIGRATE, RESTORE or a dump is
-- packed ("embstr"). Where that cannot be told a new tenure begins, which loses time and nothing else.

do
  local place, expected = KEYS[#KEYS], tonumber(ARGV[#ARGV])
  KEYS[#KEYS], ARGV[#ARGV] = nil, nil

  local held = redis.call('GET', place)
  local server, stamp, start
  if held and #held == 16 and redis.call('OBJECT', 'ENCODING', place) == 'raw' then
    server, stamp, start = struct.unpack('>I4I4I8', held)
  end
  if server ~= INCARNATION then
    local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
    local history = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
    if run_id .. ':' .. history .. ' 0' ~= EPOCH then
      return redis.error_reply('STALE_EPOCH the server is in another incarnation')
    end
    local time = redis.call('TIME')
    start = time[1] * 1000000 + time[2]
    local digest = redis.sha1hex(EPOCH .. place .. string.format('%.0f', start))
    stamp = math.max(1, tonumber(string.sub(digest, 1, 8), 16))
    held = struct.pack('>I4I4I8', INCARNATION, stamp, start)
    redis.call('SET', place, string.sub(held, 1, 8))
    redis.call('APPEND', place, string.sub(held, 9))
  end
  if expected ~= 0 and expected ~= stamp then
    return redis.error_reply('STALE_TENURE the slot has been away')
  end
  INCARNATION, EPOCH_START_MICROS, EPOCH_PLACE, EPOCH = stamp, start, place, held
end

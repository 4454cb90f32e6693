-- Settles an upload for good; the last one of a sealed batch finishes the batch, whose mail is then due.
-- KEYS: upload, batch, batch's pending, queued, due, expiring
-- ARGV: upload id, batch id, ms to keep the original, 'ready' or 'failed', then field and value pairs of the outcome
-- Returns: 'finished' when the batch is finished (now or before), 'settled' when it is not yet, 'unknown'
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return 'unknown' end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if state ~= 'ready' and state ~= 'failed' then
  local expires = now + ARGV[3]
  redis.call('HSET', KEYS[1], 'state', ARGV[4], 'settledAt', now, 'originalExpiresAt', expires, unpack(ARGV, 5))
  redis.call('HDEL', KEYS[1], 'speed', 'etaSeconds')
  if ARGV[4] == 'ready' then redis.call('HSET', KEYS[1], 'progress', 100) end
  redis.call('ZREM', KEYS[4], ARGV[1])
  redis.call('ZADD', KEYS[6], expires, ARGV[1])
end
redis.call('SREM', KEYS[3], ARGV[1])
local batch = redis.call('HGET', KEYS[2], 'state')
if batch == 'finished' then return 'finished' end
if batch ~= 'sealed' or redis.call('SCARD', KEYS[3]) > 0 then return 'settled' end
redis.call('HSET', KEYS[2], 'state', 'finished', 'finishedAt', now)
redis.call('ZADD', KEYS[5], now, ARGV[2])
return 'finished'

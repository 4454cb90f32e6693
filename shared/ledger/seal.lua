-- Seals a batch: it takes no more uploads, and is finished as soon as all have settled.
-- KEYS: batch, batch's uploads, batch's pending, due, open, finished, unrecorded
-- ARGV: batch id
-- Returns: 'sealed' (now or before), 'finished' (now or before), 'empty' (has no uploads, stays open), 'unknown'
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return 'unknown' end
if state ~= 'open' then return state end
if redis.call('ZCARD', KEYS[2]) == 0 then return 'empty' end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'state', 'sealed', 'sealedAt', now)
redis.call('ZREM', KEYS[5], ARGV[1])
redis.call('ZADD', KEYS[7], now, 'sealed:' .. ARGV[1])
if redis.call('SCARD', KEYS[3]) > 0 then return 'sealed' end
redis.call('HSET', KEYS[1], 'state', 'finished', 'finishedAt', now)
redis.call('ZADD', KEYS[4], now, ARGV[1])
redis.call('ZADD', KEYS[6], now, ARGV[1])
return 'finished'

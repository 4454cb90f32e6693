-- Notes that a batch's mail was sent.
-- KEYS: batch, due, unrecorded, counters
-- ARGV: batch id
-- Returns: the time noted, in ms since 1970; that of the first call when repeated, 0 when there is no such batch
redis.call('ZREM', KEYS[2], ARGV[1])
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('HSETNX', KEYS[1], 'notifiedAt', now) == 1 then
  redis.call('ZADD', KEYS[3], now, 'notified:' .. ARGV[1])
  redis.call('HINCRBY', KEYS[4], 'mails:sent', 1)
end
return tonumber(redis.call('HGET', KEYS[1], 'notifiedAt'))

-- Notes that a batch's mail is no longer due: it was sent, or is not going to be.
-- KEYS: batch, due, unrecorded, counters
-- ARGV: batch id, 'notifiedAt' or 'refusedAt'
-- Returns: the time noted, in ms since 1970; that of the first call when repeated
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREM', KEYS[2], ARGV[1])
if redis.call('HSETNX', KEYS[1], ARGV[2], now) == 1 then
  redis.call('ZADD', KEYS[3], now, 'notified:' .. ARGV[1])
  redis.call('HINCRBY', KEYS[4], ARGV[2] == 'notifiedAt' and 'mails:sent' or 'mails:refused', 1)
end
return tonumber(redis.call('HGET', KEYS[1], ARGV[2]))

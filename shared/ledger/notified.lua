-- Notes that a batch's mail is no longer due: it was sent, or its address was refused for good.
-- KEYS: batch, due
-- ARGV: batch id, 'notifiedAt' or 'refusedAt'
-- Returns: the time noted, in ms since 1970; that of the first call when repeated
local time = redis.call('TIME')
redis.call('HSETNX', KEYS[1], ARGV[2], time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('ZREM', KEYS[2], ARGV[1])
return tonumber(redis.call('HGET', KEYS[1], ARGV[2]))

-- Begins, or begins again, to render an upload.
-- KEYS: upload, queued
-- ARGV: upload id, how many renders have been begun with this one
-- Returns: 'started', 'settled' (nothing to do any more) or 'unknown'
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return 'unknown' end
if state == 'ready' or state == 'failed' then return 'settled' end
local time = redis.call('TIME')
redis.call('HSETNX', KEYS[1], 'startedAt', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('HSET', KEYS[1], 'state', 'processing', 'attempts', ARGV[2], 'progress', 0)
redis.call('HDEL', KEYS[1], 'speed', 'etaSeconds')
redis.call('ZREM', KEYS[2], ARGV[1])
return 'started'

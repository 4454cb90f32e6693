-- Puts an upload whose render was stopped back to its place in the queue; the stopped render does not count.
-- KEYS: upload, queued
-- ARGV: upload id
-- Returns: 1 when it was processing, else 0
if redis.call('HGET', KEYS[1], 'state') ~= 'processing' then return 0 end
redis.call('HSET', KEYS[1], 'state', 'queued', 'progress', 0)
redis.call('HINCRBY', KEYS[1], 'attempts', -1)
redis.call('HDEL', KEYS[1], 'speed', 'etaSeconds')
redis.call('ZADD', KEYS[2], redis.call('HGET', KEYS[1], 'sequence'), ARGV[1])
return 1

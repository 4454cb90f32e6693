-- Notes that a try failed and another one will follow in place.
-- KEYS: upload, counters
-- ARGV: run, reason
-- Returns: 1, or 0 when another run has taken the upload over
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] then return 0 end
redis.call('HINCRBY', KEYS[1], 'failures', 1)
redis.call('HSET', KEYS[1], 'reason', ARGV[2], 'progress', 0)
redis.call('HDEL', KEYS[1], 'speed', 'etaSeconds', 'waitingFor')
redis.call('HINCRBY', KEYS[2], 'retries', 1)
return 1

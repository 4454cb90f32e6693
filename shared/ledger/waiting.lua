-- Notes what a render waits for, or that it waits no longer.
-- KEYS: upload
-- ARGV: run, what it waits for or ''
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then return redis.call('HDEL', KEYS[1], 'waitingFor') end
return redis.call('HSET', KEYS[1], 'waitingFor', ARGV[2])

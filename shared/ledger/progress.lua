-- Notes how far a render is. An upload that another run has taken over, or that is settled, is left alone.
-- KEYS: upload
-- ARGV: run, percent, then field and value pairs
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'progress', unpack(ARGV, 2))
return 1

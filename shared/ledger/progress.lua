-- Notes how far a render is. An upload that is not processing (any more) is left alone.
-- KEYS: upload
-- ARGV: percent, then field and value pairs
if redis.call('HGET', KEYS[1], 'state') ~= 'processing' then return 0 end
redis.call('HSET', KEYS[1], 'progress', unpack(ARGV))
return 1

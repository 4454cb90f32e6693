-- Removes an open batch that has no uploads.
-- KEYS: batch, batch's uploads, open, unrecorded, idempotency
-- ARGV: batch id
-- Returns: 1 when it was removed
if redis.call('HGET', KEYS[1], 'state') ~= 'open' or redis.call('ZCARD', KEYS[2]) > 0 then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], 'batch:' .. ARGV[1])
if redis.call('GET', KEYS[5]) == ARGV[1] then redis.call('DEL', KEYS[5]) end
return 1

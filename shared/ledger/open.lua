-- Opens a batch.
-- KEYS: batch, idempotency, epoch, open, unrecorded
-- ARGV: batch id, 1 if the idempotency key counts else 0, then field and value pairs of the batch
-- Returns: the id of the batch that the request stands for: the new one, or the one that the same key opened before;
--          '' while the ledger is not whole
if redis.call('EXISTS', KEYS[3]) == 0 then return '' end
if ARGV[2] == '1' then
  local earlier = redis.call('GET', KEYS[2])
  if earlier then return earlier end
  redis.call('SET', KEYS[2], ARGV[1])
end
if redis.call('EXISTS', KEYS[1]) == 1 then return ARGV[1] end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'version', 1, 'state', 'open', 'createdAt', now, unpack(ARGV, 3))
redis.call('ZADD', KEYS[4], now, ARGV[1])
redis.call('ZADD', KEYS[5], now, 'batch:' .. ARGV[1])
return ARGV[1]

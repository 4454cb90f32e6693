-- Opens a batch.
-- KEYS: batch, idempotency
-- ARGV: batch id, 1 if the idempotency key counts else 0, then field and value pairs of the batch
-- Returns: the id of the batch that the request stands for: the new one, or the one that the same key opened before.
if ARGV[2] == '1' then
  local earlier = redis.call('GET', KEYS[2])
  if earlier then return earlier end
  redis.call('SET', KEYS[2], ARGV[1])
end
if redis.call('EXISTS', KEYS[1]) == 1 then return ARGV[1] end
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], 'version', 1, 'state', 'open', 'createdAt', time[1] * 1000 + math.floor(time[2] / 1000),
  unpack(ARGV, 3))
return ARGV[1]

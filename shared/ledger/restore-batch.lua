-- Puts a batch back from its records. One that the ledger knows is left alone.
-- KEYS: batch, batch's pending, open, finished, due, idempotency
-- ARGV: batch id, 1 if it was sealed else 0, 1 if its mail was dealt with else 0, time if nothing else is known,
--       1 if the idempotency key counts else 0, then field and value pairs of the batch
-- Returns: its state, to be called after its uploads are back
if ARGV[5] == '1' then redis.call('SETNX', KEYS[6], ARGV[1]) end
local known = redis.call('HGET', KEYS[1], 'state')
if known then return known end
redis.call('HSET', KEYS[1], 'version', 1, unpack(ARGV, 6))
local created = redis.call('HGET', KEYS[1], 'createdAt')
if ARGV[2] == '0' then
  redis.call('HSET', KEYS[1], 'state', 'open')
  redis.call('ZADD', KEYS[3], created, ARGV[1])
  return 'open'
end
-- A batch whose mail was sent has finished, whatever is being rendered again of it.
if ARGV[3] == '0' and redis.call('SCARD', KEYS[2]) > 0 then
  redis.call('HSET', KEYS[1], 'state', 'sealed')
  return 'sealed'
end
local at = redis.call('HGET', KEYS[1], 'notifiedAt') or redis.call('HGET', KEYS[1], 'refusedAt') or ARGV[4]
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[1], 'state', 'finished', 'finishedAt', at)
redis.call('ZADD', KEYS[4], at, ARGV[1])
if ARGV[3] == '0' then redis.call('ZADD', KEYS[5], at, ARGV[1]) end
return 'finished'

-- Takes a render slot, or renews the wish for one. Slots are given by rank; leases and wishes lapse by themselves.
-- KEYS: slots, waiters, wishes, epoch, queued
-- ARGV: holder, the same process' other holder, rank, slots in all, ms of the lease, ms of the wish,
--       upload that must be the first in the queue, or '' for none
-- Returns: 1 when the holder has a slot, 0 when it has to ask again
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  redis.call('ZADD', KEYS[1], now + ARGV[5], ARGV[1])
  return 1
end
-- While the ledger is not whole, nobody works on half of it.
if redis.call('EXISTS', KEYS[4]) == 0 then return 0 end
for _, lapsed in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now)) do
  redis.call('ZREM', KEYS[3], lapsed)
  redis.call('ZREM', KEYS[2], lapsed)
end
redis.call('ZADD', KEYS[3], now + ARGV[6], ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
if ARGV[7] ~= '' and (redis.call('ZRANK', KEYS[5], ARGV[7]) or 0) > 0 then return 0 end
if redis.call('ZSCORE', KEYS[1], ARGV[2]) then return 0 end
local free = ARGV[4] - redis.call('ZCARD', KEYS[1])
if redis.call('ZRANK', KEYS[2], ARGV[1]) >= free then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZADD', KEYS[1], now + ARGV[5], ARGV[1])
return 1

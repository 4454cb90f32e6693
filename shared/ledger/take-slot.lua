-- Takes a render slot, or renews the wish for one. Slots are given by rank; leases and wishes lapse by themselves.
-- A process has two holders, `<name>/first` for the main queue and `<name>/last` for dead letters, and renders one file at
-- a time, however many slots there are.
-- It rests on BullMQ's layout of a queue's meta hash, which has a field `paused` while the queue is paused (bullmq 6.7).
-- KEYS: slots, waiters, wishes, epoch, queued, the main queue's meta
-- ARGV: holder, rank, slots in all, ms of the lease, ms of the wish, upload that must be the first in the queue, or ''
-- Returns: 1 when the holder has a slot; when it has to ask again 0, or 2 where one is free but another upload comes first
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local function holds(holder) return redis.call('ZSCORE', KEYS[1], holder) end
if holds(ARGV[1]) then
  redis.call('ZADD', KEYS[1], now + ARGV[4], ARGV[1])
  return 1
end
-- While the ledger is not whole, nobody works on half of it.
if redis.call('EXISTS', KEYS[4]) == 0 then return 0 end
for _, lapsed in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now)) do
  redis.call('ZREM', KEYS[3], lapsed)
  redis.call('ZREM', KEYS[2], lapsed)
end
redis.call('ZADD', KEYS[3], now + ARGV[5], ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
if redis.call('HEXISTS', KEYS[6], 'paused') == 1 then return 0 end
local name, half = string.match(ARGV[1], '^(.*)/(%a+)$')
if holds(name .. (half == 'first' and '/last' or '/first')) then return 0 end
local free = ARGV[3] - redis.call('ZCARD', KEYS[1])
if free <= 0 then return 0 end
if ARGV[6] ~= '' and (redis.call('ZRANK', KEYS[5], ARGV[6]) or 0) > 0 then return 2 end
for index = 1, redis.call('ZRANK', KEYS[2], ARGV[1]) do
  local before = redis.call('ZRANGE', KEYS[2], index - 1, index - 1)[1]
  local deadLettersOf = string.match(before, '^(.*)/last$')
  -- A dead letter cannot go before its process has ended what it renders, and keeps no slot free until then.
  if not (deadLettersOf and holds(deadLettersOf .. '/first')) then free = free - 1 end
end
if free <= 0 then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZADD', KEYS[1], now + ARGV[4], ARGV[1])
return 1

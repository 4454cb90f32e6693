-- Gives a failed upload a new round: it goes to the end of the queue, and keeps its sequence and first start.
-- KEYS: upload, batch, batch's pending, queued, sequence, expiring, dead letter, dead letters, alerts, unrecorded, counters,
--       unsettled
-- ARGV: upload id
-- Returns: {'replayed', round} (now, or before and not given up since), {'gone'} its original has expired,
--          {'last-try'} its last try is still to come or runs, {'not-failed'}, {'unknown'}
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return { 'unknown' } end
local round = tonumber(redis.call('HGET', KEYS[1], 'round') or 0)
if state ~= 'failed' then
  if redis.call('HEXISTS', KEYS[1], 'lastTry') == 1 then return { 'last-try' } end
  if round > 0 and state ~= 'ready' then return { 'replayed', round } end
  return { 'not-failed' }
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- One whose time is over may be about to be removed.
local expires = redis.call('ZSCORE', KEYS[6], ARGV[1])
if not expires or tonumber(expires) <= now then return { 'gone' } end
local place = redis.call('INCR', KEYS[5])
redis.call('HSET', KEYS[1], 'state', 'queued', 'round', round + 1, 'place', place, 'replayedAt', now,
  'attempts', 0, 'failures', 0, 'deaths', 0, 'progress', 0)
redis.call('HDEL', KEYS[1], 'reason', 'settledAt', 'originalExpiresAt', 'lastTry', 'run')
redis.call('ZADD', KEYS[4], place, ARGV[1])
redis.call('ZADD', KEYS[12], redis.call('HGET', KEYS[1], 'sequence'), ARGV[1])
redis.call('ZREM', KEYS[6], ARGV[1])
redis.call('DEL', KEYS[7])
redis.call('ZREM', KEYS[8], ARGV[1])
redis.call('ZREM', KEYS[9], ARGV[1])
redis.call('ZADD', KEYS[10], now, 'replayed:' .. ARGV[1])
redis.call('ZREM', KEYS[10], 'failed:' .. ARGV[1])
redis.call('HINCRBY', KEYS[11], 'replays', 1)
if redis.call('HGET', KEYS[2], 'state') ~= 'finished' then redis.call('SADD', KEYS[3], ARGV[1]) end
return { 'replayed', round + 1 }

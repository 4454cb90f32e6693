-- Makes a dead letter of a mail whose job has failed for good.
-- KEYS: the queue's failed jobs, due, dead letter, dead letters, alerts, batch, unrecorded, counters
-- ARGV: job id, member of due, dead letter id, batch id, reason, attempts,
--       upload id and round of a mail about one file, else ''
-- Returns: 'given-up', 'not-failed' (the job was taken away or is tried again), 'not-due' (sent, or given up before)
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 'not-failed' end
if redis.call('ZREM', KEYS[2], ARGV[2]) == 0 then return 'not-due' end
local to = redis.call('HGET', KEYS[6], 'instructor')
if not to then return 'not-due' end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[3], 'version', 1, 'kind', 'mail', 'state', 'discarded', 'batch', ARGV[4], 'to', to,
  'reason', ARGV[5], 'attempts', ARGV[6], 'at', now)
redis.call('ZADD', KEYS[4], now, ARGV[3])
redis.call('ZADD', KEYS[5], now, ARGV[3])
redis.call('HINCRBY', KEYS[8], 'mails:refused', 1)
if ARGV[7] ~= '' then
  redis.call('HSET', KEYS[3], 'upload', ARGV[7], 'round', ARGV[8])
else
  redis.call('HSET', KEYS[6], 'refusedAt', now)
  redis.call('ZADD', KEYS[7], now, 'notified:' .. ARGV[4])
end
return 'given-up'

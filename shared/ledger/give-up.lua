-- Makes a dead letter of an upload that the main queue has given up. It stays in processing: it has one more try.
-- KEYS: upload, queued, dead letter, dead letters, counters
-- ARGV: upload id, round, run that gives it up or '' for whichever there was, reason, last words of the tool, job id
-- Returns: 'dead-letter' (now or before), 'settled', 'unknown', 'stale' (the job is of another round),
--          'superseded' (another run has taken the upload over)
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return 'unknown' end
if (redis.call('HGET', KEYS[1], 'round') or '0') ~= ARGV[2] then return 'stale' end
if state == 'ready' or state == 'failed' then return 'settled' end
if redis.call('HEXISTS', KEYS[1], 'lastTry') == 1 then return 'dead-letter' end
if ARGV[3] ~= '' and redis.call('HGET', KEYS[1], 'run') ~= ARGV[3] then return 'superseded' end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- A job that BullMQ failed before it ever ran has started here, as far as its owner is concerned.
redis.call('HSETNX', KEYS[1], 'startedAt', now)
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
redis.call('HSET', KEYS[1], 'state', 'processing', 'lastTry', 1, 'reason', ARGV[4], 'progress', 0, 'deaths', 0)
redis.call('HDEL', KEYS[1], 'run', 'speed', 'etaSeconds', 'waitingFor')
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('DEL', KEYS[3])
redis.call('HSET', KEYS[3], 'version', 1, 'kind', 'render', 'state', 'waiting', 'upload', ARGV[1],
  'batch', redis.call('HGET', KEYS[1], 'batch'), 'round', ARGV[2], 'reason', ARGV[4], 'toolOutput', ARGV[5],
  'attempts', failures, 'job', ARGV[6], 'at', now)
redis.call('ZADD', KEYS[4], now, ARGV[1])
redis.call('HINCRBY', KEYS[5], 'dead-letters', 1)
return 'dead-letter'

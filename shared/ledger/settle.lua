-- Settles an upload for good; the last one of a sealed batch finishes the batch, whose mail is then due.
-- KEYS: upload, batch, batch's pending, queued, due, expiring, finished, due files, dead letter, dead letters, alerts,
--       unrecorded, counters, recent, unsettled
-- ARGV: upload id, batch id, round, run that settles it or '' for none, ms to keep the original, 'ready' or 'failed',
--       last words of the tool, then field and value pairs of the outcome
-- Returns: 'finished' when the batch is finished (now or before), 'settled' when it is not yet, 'unknown',
--          'superseded' (another run or round has taken the upload over)
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return 'unknown' end
local round = redis.call('HGET', KEYS[1], 'round') or '0'
if round ~= ARGV[3] then return 'superseded' end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local batch = redis.call('HGET', KEYS[2], 'state')
if state ~= 'ready' and state ~= 'failed' then
  if ARGV[4] ~= '' and redis.call('HGET', KEYS[1], 'run') ~= ARGV[4] then return 'superseded' end
  local expires = now + ARGV[5]
  redis.call('HSETNX', KEYS[1], 'startedAt', now)
  if ARGV[6] == 'ready' then redis.call('HDEL', KEYS[1], 'reason') end
  redis.call('HSET', KEYS[1], 'state', ARGV[6], 'settledAt', now, 'originalExpiresAt', expires, unpack(ARGV, 8))
  redis.call('HDEL', KEYS[1], 'speed', 'etaSeconds', 'waitingFor', 'run', 'lastTry')
  redis.call('ZREM', KEYS[4], ARGV[1])
  redis.call('ZREM', KEYS[15], ARGV[1])
  redis.call('ZADD', KEYS[6], expires, ARGV[1])
  if ARGV[6] == 'ready' then
    redis.call('HSET', KEYS[1], 'progress', 100)
    redis.call('ZREM', KEYS[10], ARGV[1])
    redis.call('DEL', KEYS[9])
  else
    redis.call('HSET', KEYS[9], 'version', 1, 'kind', 'render', 'state', 'discarded', 'upload', ARGV[1],
      'batch', ARGV[2], 'round', ARGV[3], 'reason', redis.call('HGET', KEYS[1], 'reason') or '', 'toolOutput', ARGV[7],
      'attempts', redis.call('HGET', KEYS[1], 'attempts'))
    redis.call('HSETNX', KEYS[9], 'at', now)
    redis.call('ZADD', KEYS[10], 'NX', now, ARGV[1])
    redis.call('ZADD', KEYS[11], now, ARGV[1])
    redis.call('ZADD', KEYS[12], now, 'failed:' .. ARGV[1])
  end
  redis.call('HINCRBY', KEYS[13], 'settled:' .. ARGV[6], 1)
  local waited = redis.call('HGET', KEYS[1], 'startedAt') - redis.call('HGET', KEYS[1], 'queuedAt')
  redis.call('LPUSH', KEYS[14], cjson.encode({ at = now, state = ARGV[6], waitedMs = waited }))
  redis.call('LTRIM', KEYS[14], 0, 499)
  -- Replayed after its batch had finished: the batch stays as it is, and the instructor is told about this file.
  if batch == 'finished' then redis.call('ZADD', KEYS[8], now, ARGV[1] .. '/' .. round) end
end
redis.call('SREM', KEYS[3], ARGV[1])
if batch == 'finished' then return 'finished' end
if batch ~= 'sealed' or redis.call('SCARD', KEYS[3]) > 0 then return 'settled' end
redis.call('HSET', KEYS[2], 'state', 'finished', 'finishedAt', now)
redis.call('ZADD', KEYS[5], now, ARGV[2])
redis.call('ZADD', KEYS[7], now, ARGV[2])
return 'finished'

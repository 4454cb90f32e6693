-- Begins a try to render an upload, or begins it again. The caller holds a render slot.
-- KEYS: upload, queued, counters, dead letter
-- ARGV: upload id, run, round, 'first' for the main queue or 'last' for the dead-letter queue
-- Returns: {'started', number of this try, deaths of processes over this upload},
--          {'settled'}, {'unknown'}, {'stale'} (the job is of another round), or {'dead-letter', reason} when the main
--          queue has given it up before
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return { 'unknown' } end
if (redis.call('HGET', KEYS[1], 'round') or '0') ~= ARGV[3] then return { 'stale' } end
if state == 'ready' or state == 'failed' then return { 'settled' } end
local given_up = redis.call('HGET', KEYS[1], 'lastTry')
if ARGV[4] == 'first' and given_up then return { 'dead-letter', redis.call('HGET', KEYS[1], 'reason') or '' } end
if ARGV[4] == 'last' and not given_up then return { 'stale' } end

local former = redis.call('HGET', KEYS[1], 'run')
local deaths = tonumber(redis.call('HGET', KEYS[1], 'deaths') or 0)
if former and former ~= ARGV[2] then
  deaths = redis.call('HINCRBY', KEYS[1], 'deaths', 1)
  redis.call('HINCRBY', KEYS[3], 'deaths', 1)
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local try = tonumber(redis.call('HGET', KEYS[1], 'failures') or 0) + 1
redis.call('HSETNX', KEYS[1], 'startedAt', now)
redis.call('HSET', KEYS[1], 'state', 'processing', 'run', ARGV[2], 'attempts', try, 'progress', 0)
redis.call('HDEL', KEYS[1], 'speed', 'etaSeconds', 'waitingFor')
redis.call('ZREM', KEYS[2], ARGV[1])
if ARGV[4] == 'last' then redis.call('HSET', KEYS[4], 'state', 'trying') end
return { 'started', try, deaths }

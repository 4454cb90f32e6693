-- Puts an upload whose render was stopped back to its place in the queue; the stopped render does not count.
-- KEYS: upload, queued, dead letter, counters
-- ARGV: upload id, the run that gives it back, or '' for whichever a dead process left
-- Returns: 1 when it was that run's, else 0
if redis.call('HGET', KEYS[1], 'state') ~= 'processing' then return 0 end
local run = redis.call('HGET', KEYS[1], 'run')
if not run or (ARGV[2] ~= '' and run ~= ARGV[2]) then return 0 end
-- A run that gave its upload back did not die over it; one that somebody else gives back did.
if ARGV[2] == '' then
  redis.call('HINCRBY', KEYS[1], 'deaths', 1)
  redis.call('HINCRBY', KEYS[4], 'deaths', 1)
end
redis.call('HSET', KEYS[1], 'progress', 0, 'attempts', redis.call('HGET', KEYS[1], 'failures') or 0)
redis.call('HDEL', KEYS[1], 'run', 'speed', 'etaSeconds', 'waitingFor')
if redis.call('HEXISTS', KEYS[1], 'lastTry') == 1 then
  redis.call('HSET', KEYS[3], 'state', 'waiting')
else
  redis.call('HSET', KEYS[1], 'state', 'queued')
  local place = redis.call('HGET', KEYS[1], 'place') or redis.call('HGET', KEYS[1], 'sequence')
  redis.call('ZADD', KEYS[2], place, ARGV[1])
end
return 1

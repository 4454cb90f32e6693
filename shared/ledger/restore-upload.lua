-- Puts an upload back from its record. One that the ledger knows is left alone.
-- KEYS: upload, batch's uploads, batch's pending, queued, unsettled, sequence, expiring, dead letter, dead letters, idempotency
-- ARGV: upload id, sequence, 'queued', 'ready' or 'failed', when its original expires, 1 if the idempotency key counts
--       else 0, last words of the tool, then field and value pairs of the upload
-- Returns: 1 when it was put back, 0 when it was known
if ARGV[5] == '1' then redis.call('SETNX', KEYS[10], ARGV[1]) end
if tonumber(redis.call('GET', KEYS[6]) or 0) < tonumber(ARGV[2]) then redis.call('SET', KEYS[6], ARGV[2]) end
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'version', 1, 'sequence', ARGV[2], 'state', ARGV[3], unpack(ARGV, 7))
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
if ARGV[3] == 'queued' then
  redis.call('SADD', KEYS[3], ARGV[1])
  redis.call('ZADD', KEYS[4], ARGV[2], ARGV[1])
  redis.call('ZADD', KEYS[5], ARGV[2], ARGV[1])
  return 1
end
redis.call('HSET', KEYS[1], 'originalExpiresAt', ARGV[4])
redis.call('ZADD', KEYS[7], ARGV[4], ARGV[1])
if ARGV[3] == 'failed' then
  local at = redis.call('HGET', KEYS[1], 'settledAt')
  redis.call('HSET', KEYS[8], 'version', 1, 'kind', 'render', 'state', 'discarded', 'upload', ARGV[1],
    'batch', redis.call('HGET', KEYS[1], 'batch'), 'round', redis.call('HGET', KEYS[1], 'round') or 0,
    'reason', redis.call('HGET', KEYS[1], 'reason'), 'toolOutput', ARGV[6],
    'attempts', redis.call('HGET', KEYS[1], 'attempts'), 'at', at)
  redis.call('ZADD', KEYS[9], at, ARGV[1])
end
return 1

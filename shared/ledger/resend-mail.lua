-- Makes a mail due again that had become a dead letter.
-- KEYS: dead letter, dead letters, alerts, due, batch
-- ARGV: dead letter id, member of due, 1 for the mail of a batch, 0 for that about one file
-- Returns: 1 when the mail is due now, else 0
if redis.call('DEL', KEYS[1]) == 1 then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('ZREM', KEYS[3], ARGV[1])
  redis.call('ZADD', KEYS[4], now, ARGV[2])
  if ARGV[3] == '1' then redis.call('HDEL', KEYS[5], 'refusedAt', 'sendingAt') end
end
return redis.call('ZSCORE', KEYS[4], ARGV[2]) and 1 or 0

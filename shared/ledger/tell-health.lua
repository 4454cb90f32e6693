-- Notes how the house is, and says whether the operator is to be told: when it has been another way than was told last for
-- a while, and not more often than so.
-- KEYS: health, alerts
-- ARGV: state, reasons as JSON, ms between two mails, ms that a state has to last,
--       ms without a look after which nobody knows how it was meanwhile
-- Returns: 1 when an alert was noted, else 0
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local former, since, looked_at, told, told_at =
  unpack(redis.call('HMGET', KEYS[1], 'state', 'since', 'lookedAt', 'told', 'toldAt'))
if former ~= ARGV[1] or not since or now - (looked_at or 0) > tonumber(ARGV[5]) then since = now end
redis.call('HSET', KEYS[1], 'state', ARGV[1], 'reasons', ARGV[2], 'since', since, 'lookedAt', now)
told = told or 'healthy'
if told == ARGV[1] or now - since < tonumber(ARGV[4]) then return 0 end
if told_at and now - told_at < tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], 'told', ARGV[1], 'toldAt', now)
redis.call('ZADD', KEYS[2], now, 'health:' .. told .. ':' .. ARGV[1])
return 1

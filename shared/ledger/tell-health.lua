-- Notes how the house is, and says whether the operator is to be told: when it differs from what was told last, and not
-- more often than so.
-- KEYS: health, alerts
-- ARGV: state, reasons as JSON, ms between two mails
-- Returns: 1 when an alert was noted, else 0
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local told = redis.call('HGET', KEYS[1], 'told') or 'healthy'
redis.call('HSET', KEYS[1], 'state', ARGV[1], 'reasons', ARGV[2])
if told == ARGV[1] then return 0 end
if now - (redis.call('HGET', KEYS[1], 'toldAt') or 0) < tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], 'told', ARGV[1], 'toldAt', now)
redis.call('ZADD', KEYS[2], now, 'health:' .. told .. ':' .. ARGV[1])
return 1

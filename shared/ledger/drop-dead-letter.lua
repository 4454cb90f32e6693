-- Forgets a dead letter, unless it is needed for its last try.
-- KEYS: dead letter, dead letters, alerts
-- ARGV: dead letter id
-- Returns: 'dropped' (now or before), 'last-try'
local state = redis.call('HGET', KEYS[1], 'state')
if state and state ~= 'discarded' then return 'last-try' end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return 'dropped'

-- Takes all that the operator has still to be told into one claim, or gives the claim that is outstanding.
-- KEYS: alerts, alerting
-- ARGV: id of a new claim
-- Returns: {claim id, members as a JSON array, the oldest first}; {} when there is nothing to tell
local outstanding = redis.call('HMGET', KEYS[2], 'id', 'members')
if outstanding[1] then return outstanding end
local members = redis.call('ZRANGE', KEYS[1], 0, -1)
if #members == 0 then return {} end
local encoded = cjson.encode(members)
redis.call('HSET', KEYS[2], 'id', ARGV[1], 'members', encoded)
redis.call('DEL', KEYS[1])
return { ARGV[1], encoded }

-- Notes that the operator has been told of a claim, or is not going to be.
-- KEYS: alerting, counters
-- ARGV: claim id, 1 if a mail went out else 0
-- Returns: 1 when the claim was outstanding, else 0
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
if ARGV[2] == '1' then redis.call('HINCRBY', KEYS[2], 'mails:alerts', 1) end
return 1

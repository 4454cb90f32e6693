-- Takes the right to recover the ledger, or renews it.
-- KEYS: recovering
-- ARGV: token of whoever asks, ms that it holds
-- Returns: 1 when it is theirs, 0 while somebody else has it
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1

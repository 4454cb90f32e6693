-- Gives back the right to recover the ledger, unless it has gone over to somebody else.
-- KEYS: recovering
-- ARGV: token of whoever had it
-- Returns: 1 when it was theirs
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])

-- Notes that the mail about a replayed file was sent, or is not needed any more.
-- KEYS: due files, counters
-- ARGV: upload and round as the due files have them, 1 if it was sent else 0
-- Returns: 1 when it was due, else 0
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
if ARGV[2] == '1' then redis.call('HINCRBY', KEYS[2], 'mails:sent', 1) end
return 1

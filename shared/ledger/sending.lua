-- Notes that an SMTP server is about to be asked to take a batch's mail.
-- KEYS: batch
-- Returns: 'first', 'again' (an earlier try may have been accepted), or 'unknown' when there is no such batch
if redis.call('EXISTS', KEYS[1]) == 0 then return 'unknown' end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('HSETNX', KEYS[1], 'sendingAt', now) == 1 and 'first' or 'again'

-- Registers one stored upload in an open batch and gives it the next sequence.
-- KEYS: batch, batch's uploads, batch's pending, queued, sequence, upload, idempotency, epoch, open, unrecorded, counters,
--       unsettled
-- ARGV: upload id, batch id, most uploads a batch may hold, 1 if the idempotency key counts else 0, bytes,
--       then field and value pairs of the upload
-- Returns: {'registered', sequence}, {'repeat', id of the upload that the same key made before},
--          {'unknown'} no such batch, {'sealed'} it takes no more, {'full'} it holds as many as it may,
--          {'recovering'} the ledger is not whole
local known = redis.call('HGET', KEYS[6], 'sequence')
if known then return { 'registered', tonumber(known) } end
if redis.call('EXISTS', KEYS[8]) == 0 then return { 'recovering' } end
if ARGV[4] == '1' then
  local earlier = redis.call('GET', KEYS[7])
  if earlier then return { 'repeat', earlier } end
end
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return { 'unknown' } end
if state ~= 'open' then return { 'sealed' } end
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[3]) then return { 'full' } end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local sequence = redis.call('INCR', KEYS[5])
if ARGV[4] == '1' then redis.call('SET', KEYS[7], ARGV[1]) end
redis.call('HSET', KEYS[6], 'version', 1, 'state', 'queued', 'sequence', sequence, 'attempts', 0, 'progress', 0,
  'batch', ARGV[2], 'bytes', ARGV[5], 'queuedAt', now, unpack(ARGV, 6))
redis.call('ZADD', KEYS[2], sequence, ARGV[1])
redis.call('SADD', KEYS[3], ARGV[1])
redis.call('ZADD', KEYS[4], sequence, ARGV[1])
redis.call('ZADD', KEYS[12], sequence, ARGV[1])
redis.call('ZADD', KEYS[9], now, ARGV[2])
redis.call('ZADD', KEYS[10], now, 'upload:' .. ARGV[1])
redis.call('HINCRBY', KEYS[11], 'uploads', 1)
redis.call('HINCRBY', KEYS[11], 'bytes', ARGV[5])
return { 'registered', sequence }

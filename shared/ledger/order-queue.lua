-- Puts the jobs that wait in the main queue into the ledger's order, where something was put back out of turn.
-- It rests on BullMQ's layout of a waiting list, whose right end is the head, and of a job's hash (bullmq 6.7).
-- KEYS: the queue's waiting list
-- ARGV: what a job's key starts with, what an upload's key starts with
-- Returns: how many jobs were not at their place
local waiting = redis.call('LRANGE', KEYS[1], 0, -1)
local placed = {}
for index, id in ipairs(waiting) do
  local place = math.huge
  local data = redis.call('HGET', ARGV[1] .. id, 'data')
  local read, payload = pcall(cjson.decode, data or '')
  if read and type(payload) == 'table' and payload.upload then
    local upload = ARGV[2] .. payload.upload
    place = tonumber(redis.call('HGET', upload, 'place') or redis.call('HGET', upload, 'sequence') or math.huge)
  end
  placed[index] = { id = id, place = place, index = index }
end
table.sort(placed, function(a, b)
  if a.place ~= b.place then return a.place > b.place end
  return a.index < b.index
end)
local moved = 0
for index, job in ipairs(placed) do
  if job.index ~= index then
    moved = moved + 1
    redis.call('LSET', KEYS[1], index - 1, job.id)
  end
end
return moved

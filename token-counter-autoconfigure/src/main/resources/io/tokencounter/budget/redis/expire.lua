-- KEYS: hold, expiries, windows
-- ARGV: id, how long to keep the hold in milliseconds
-- Answers 1 if the hold is charged with what was likely

redis.call('ZREM', KEYS[2], ARGV[1])
if redis.call('HGET', KEYS[1], 'state') ~= 'held' then
	return {'0'}
end
for i = 3, #KEYS do
	local likely = redis.call('HGET', KEYS[1], 'l:' .. KEYS[i])
	giveBack(KEYS[1], 'held', KEYS[i])
	add(KEYS[i], 'unresolved', split(likely))
	expireAt(KEYS[i], redis.call('HGET', KEYS[1], 'e:' .. KEYS[i]))
	redis.call('HSET', KEYS[1], 'a:' .. KEYS[i], likely)
end
redis.call('HSET', KEYS[1], 'state', 'unresolved')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {'1'}

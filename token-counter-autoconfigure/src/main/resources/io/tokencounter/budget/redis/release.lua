-- KEYS: hold, expiries, windows
-- ARGV: id, how long to keep the hold in milliseconds

local state = redis.call('HGET', KEYS[1], 'state')
if state == 'settled' or state == 'released' then
	return {}
end
for i = 3, #KEYS do
	giveBack(KEYS[1], state, KEYS[i])
end
redis.call('HSET', KEYS[1], 'state', 'released')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('ZREM', KEYS[2], ARGV[1])
return {}

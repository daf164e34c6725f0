-- KEYS: hold, expiries; for each charge: window, subjects
-- ARGV: id, new state of the hold, how long to keep it in milliseconds; for each charge: 3 amounts, 3 limits, when it is to
--       be forgotten, the subject
-- Answers what is known of the windows

local CHARGE = 8
local state = redis.call('HGET', KEYS[1], 'state')
local target = ARGV[2]
local ended = state == 'settled' or state == 'released'
local result = {}
for i = 3, #KEYS, 2 do
	local window = KEYS[i]
	if not ended then
		local first = 4 + (i - 3) / 2 * CHARGE
		local amounts = args(first)
		giveBack(KEYS[1], state, window)
		add(window, (target == 'settled') and 'spent' or 'unresolved', amounts)
		expireAt(window, ARGV[first + 6])
		redis.call('HSET', KEYS[1], 'a:' .. window, join(amounts))
		rank(KEYS[i + 1], window, args(first + 3), ARGV[first + 6], ARGV[first + 7])
	end
	append(result, window)
end
if not ended then
	redis.call('HSET', KEYS[1], 'state', target)
	redis.call('PEXPIRE', KEYS[1], ARGV[3])
	redis.call('ZREM', KEYS[2], ARGV[1])
end
return result

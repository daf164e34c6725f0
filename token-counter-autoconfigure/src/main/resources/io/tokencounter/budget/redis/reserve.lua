-- KEYS: hold, expiries, windows
-- ARGV: id, hold timeout in milliseconds; for each window: 3 amounts to hold, 3 likely ones, 3 limits,
--       whether it is enforced, when it is to be forgotten
-- Answers claim, unit and what is used, for each claim that is not allowed

local CLAIM = 11
local state = redis.call('HGET', KEYS[1], 'state')
if state and state ~= 'refused' then
	return {}
end

local violations = {}
local refusedBy = nil
for i = 3, #KEYS do
	local first = 3 + (i - 3) * CLAIM
	for u = 1, 3 do
		local limit = number(ARGV[first + 5 + u])
		if limit >= 0 then
			local unit = UNITS[u]
			local used = get(KEYS[i], unit, 'spent') + get(KEYS[i], unit, 'held') + get(KEYS[i], unit, 'unresolved')
			if used >= limit or used + number(ARGV[first - 1 + u]) > limit then
				violations[#violations + 1] = text(i - 3)
				violations[#violations + 1] = text(u - 1)
				violations[#violations + 1] = text(used)
				if ARGV[first + 9] == '1' and not refusedBy then
					refusedBy = i
				end
				break
			end
		end
	end
end

if refusedBy then
	if not state then
		redis.call('HINCRBY', KEYS[refusedBy], 'refused', 1)
		expireAt(KEYS[refusedBy], ARGV[3 + (refusedBy - 3) * CLAIM + 10])
		redis.call('HSET', KEYS[1], 'state', 'refused')
		redis.call('PEXPIRE', KEYS[1], 60000)
	end
	return violations
end

for i = 3, #KEYS do
	local first = 3 + (i - 3) * CLAIM
	add(KEYS[i], 'held', args(first))
	expireAt(KEYS[i], ARGV[first + 10])
	redis.call('HSET', KEYS[1], 'a:' .. KEYS[i], join(args(first)), 'l:' .. KEYS[i], join(args(first + 3)), 'e:' .. KEYS[i],
		ARGV[first + 10])
end
redis.call('HSET', KEYS[1], 'state', 'held')
redis.call('PERSIST', KEYS[1])
local time = redis.call('TIME')
redis.call('ZADD', KEYS[2], text(time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]), ARGV[1])
return violations

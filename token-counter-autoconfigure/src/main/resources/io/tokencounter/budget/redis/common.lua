-- What all scripts begin with. Amounts come and go as text, as a number of Lua would be
-- written with an exponent.

local UNITS = {'cost', 'tokens', 'calls'}

local function text(number)
	return string.format('%.0f', number)
end

local function number(value)
	return tonumber(value or '0') or 0
end

local function get(window, unit, part)
	return number(redis.call('HGET', window, unit .. '.' .. part))
end

local function add(window, part, amounts)
	for u = 1, 3 do
		redis.call('HINCRBY', window, UNITS[u] .. '.' .. part, amounts[u])
	end
end

-- Never below zero: a window may have been evicted since
local function take(window, part, amounts)
	for u = 1, 3 do
		local left = math.max(0, get(window, UNITS[u], part) - number(amounts[u]))
		redis.call('HSET', window, UNITS[u] .. '.' .. part, text(left))
	end
end

-- The time is that of the end of the window, so nobody who is refused can extend it
local function expireAt(key, millis)
	if millis ~= '0' then
		redis.call('PEXPIREAT', key, millis)
	end
end

local function join(amounts)
	return table.concat(amounts, ',')
end

local function split(joined)
	local amounts = {}
	for amount in string.gmatch(joined, '[^,]+') do
		amounts[#amounts + 1] = amount
	end
	return amounts
end

local function args(first)
	return {ARGV[first], ARGV[first + 1], ARGV[first + 2]}
end

local function charged(window, unit)
	return get(window, unit, 'spent') + get(window, unit, 'unresolved')
end

-- Keeps the share of its limits that a subject has used, unless the window is everybody's
local function rank(subjects, window, limits, expiry, subject)
	if subject == '' then
		return
	end
	local share = 0
	for u = 1, 3 do
		local limit = number(limits[u])
		if limit >= 0 then
			share = math.max(share, (limit > 0) and charged(window, UNITS[u]) / limit or 1)
		end
	end
	redis.call('ZADD', subjects, tostring(share), string.sub(subject, 2))
	expireAt(subjects, expiry)
end

-- What a call holds in a window, or is charged with by estimate, is no longer
local function giveBack(hold, state, window)
	local amounts = redis.call('HGET', hold, 'a:' .. window)
	if amounts and (state == 'held' or state == 'unresolved') then
		take(window, state, split(amounts))
	end
end

local function append(result, window)
	local values = redis.call('HMGET', window, 'cost.spent', 'tokens.spent', 'calls.spent', 'cost.held', 'tokens.held',
		'calls.held', 'cost.unresolved', 'tokens.unresolved', 'calls.unresolved', 'refused')
	for i = 1, 10 do
		result[#result + 1] = values[i] or '0'
	end
end

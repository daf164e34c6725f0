-- KEYS: hold
-- Answers the keys of the windows that something is held in

local result = {}
local fields = redis.call('HKEYS', KEYS[1])
for i = 1, #fields do
	if string.sub(fields[i], 1, 2) == 'l:' then
		result[#result + 1] = string.sub(fields[i], 3)
	end
end
return result

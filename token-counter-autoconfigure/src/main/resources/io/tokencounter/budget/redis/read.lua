-- KEYS: windows
-- Answers what is known of them

local result = {}
for i = 1, #KEYS do
	append(result, KEYS[i])
end
return result

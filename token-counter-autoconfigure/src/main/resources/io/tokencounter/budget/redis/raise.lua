-- KEYS: window
-- ARGV: 3 amounts, when the window is to be forgotten

for u = 1, 3 do
	if number(ARGV[u]) > get(KEYS[1], UNITS[u], 'spent') then
		redis.call('HSET', KEYS[1], UNITS[u] .. '.spent', ARGV[u])
	end
end
expireAt(KEYS[1], ARGV[4])
return {}

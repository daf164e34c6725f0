-- KEYS: window, subjects
-- ARGV: 3 amounts, 3 limits, when the window is to be forgotten, the subject

for u = 1, 3 do
	local missing = number(ARGV[u]) - charged(KEYS[1], UNITS[u])
	if missing > 0 then
		redis.call('HINCRBY', KEYS[1], UNITS[u] .. '.spent', text(missing))
	end
end
expireAt(KEYS[1], ARGV[7])
rank(KEYS[2], KEYS[1], args(4), ARGV[7], ARGV[8])
return {}

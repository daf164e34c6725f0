-- KEYS: window
-- ARGV: the mark, when the window is to be forgotten
-- Answers 1 if it is the first such mark

local first = redis.call('HSETNX', KEYS[1], 'mark.' .. ARGV[1], '1')
expireAt(KEYS[1], ARGV[2])
return {text(first)}

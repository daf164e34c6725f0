-- KEYS: expiries
-- ARGV: how many to answer
-- Answers the ids of holds that have expired, by the clock of the server

local time = redis.call('TIME')
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', text(time[1] * 1000 + math.floor(time[2] / 1000)), 'LIMIT', 0, ARGV[1])

-- KEYS: subjects
-- ARGV: index of the last one to answer
-- Answers who is nearest to a limit

return redis.call('ZREVRANGE', KEYS[1], 0, ARGV[1])

CREATE TABLE token_call (
	id UUID NOT NULL PRIMARY KEY,
	started_at TIMESTAMP(6) WITH TIME ZONE NOT NULL,
	duration NUMERIC(20, 6) NOT NULL,
	time_to_first_token NUMERIC(20, 6),
	generation_time NUMERIC(20, 6),
	operation VARCHAR(256) NOT NULL,
	provider VARCHAR(256) NOT NULL,
	request_model VARCHAR(256),
	response_model VARCHAR(256),
	response_id VARCHAR(256),
	outcome VARCHAR(16) NOT NULL,
	streaming BOOLEAN NOT NULL,
	feature VARCHAR(256) NOT NULL,
	tags VARCHAR NOT NULL,
	grouping_tags VARCHAR NOT NULL,
	input BIGINT NOT NULL,
	output BIGINT NOT NULL,
	cache_read BIGINT NOT NULL,
	cache_write BIGINT NOT NULL,
	reasoning BIGINT NOT NULL,
	reported BOOLEAN NOT NULL,
	cost NUMERIC(30, 12),
	currency VARCHAR(16),
	model_bean VARCHAR(256),
	application VARCHAR(256) NOT NULL,
	instance VARCHAR(256) NOT NULL
);

CREATE INDEX token_call_started_at ON token_call (started_at, id);
CREATE INDEX token_call_feature ON token_call (feature, started_at);

CREATE TABLE token_usage_hour (
	started_hour TIMESTAMP(0) WITH TIME ZONE NOT NULL,
	feature VARCHAR(256) NOT NULL,
	grouping_tags VARCHAR NOT NULL,
	provider VARCHAR(256) NOT NULL,
	model VARCHAR(256) NOT NULL,
	operation VARCHAR(256) NOT NULL,
	outcome VARCHAR(16) NOT NULL,
	currency VARCHAR(16),
	calls BIGINT NOT NULL,
	unreported_calls BIGINT NOT NULL,
	unpriced_calls BIGINT NOT NULL,
	input NUMERIC(38) NOT NULL,
	output NUMERIC(38) NOT NULL,
	cache_read NUMERIC(38) NOT NULL,
	cache_write NUMERIC(38) NOT NULL,
	reasoning NUMERIC(38) NOT NULL,
	cost NUMERIC(38, 12)
);

CREATE INDEX token_usage_hour_started_hour ON token_usage_hour (started_hour);

CREATE TABLE token_hour_change (
	id UUID NOT NULL PRIMARY KEY,
	started_hour TIMESTAMP(0) WITH TIME ZONE NOT NULL
);

CREATE INDEX token_hour_change_started_hour ON token_hour_change (started_hour);

CREATE TABLE token_ledger (
	id INTEGER NOT NULL PRIMARY KEY,
	schema_version INTEGER NOT NULL,
	turns BIGINT DEFAULT 0 NOT NULL,
	deleted_before TIMESTAMP(6) WITH TIME ZONE
);

INSERT INTO token_ledger (id, schema_version) VALUES (1, 1);

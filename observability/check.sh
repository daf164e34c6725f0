#!/usr/bin/env bash
#
# Starts the packaged sample application and a Prometheus on loopback ports, and makes
# calls, of which 4% fail, to models that answer by dated names. Fails when a query of the
# dashboard or a recording rule returns no data, when the failures are not seen, and when
# an alert fires that should not, or does not that should.
#
# Needs a packaged sample application (./mvnw package), java, curl, jq, prometheus and
# promtool. As root, with apt-get, it installs those of the last three that are missing.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

app_port=${APP_PORT:-18080}
prometheus_port=${PROMETHEUS_PORT:-19090}
app=http://127.0.0.1:$app_port
prometheus=http://127.0.0.1:$prometheus_port
patience=${PATIENCE:-300}
deadline=$((SECONDS + patience))

fail() {
	echo "$*" >&2
	exit 1
}

jars=(../sample-app/target/sample-app-*.jar)
[[ -f ${jars[0]} ]] || fail "The sample application is not packaged. Run ./mvnw package first."

missing=()
command -v jq >/dev/null || missing+=(jq)
command -v curl >/dev/null || missing+=(curl)
command -v promtool >/dev/null && command -v prometheus >/dev/null || missing+=(prometheus)
if ((${#missing[@]})); then
	[[ $(id -u) == 0 ]] && command -v apt-get >/dev/null || fail "Missing: ${missing[*]}"
	# At run level 1 the package does not start its service
	RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null ||
		fail "Could not install: ${missing[*]}"
	deadline=$((SECONDS + patience))
fi

promtool check rules rules.yml
promtool check config prometheus.yml
promtool test rules rules-test.yml

work=$(mktemp -d)
pids=()
stop() {
	((${#pids[@]})) && kill "${pids[@]}" 2>/dev/null
	wait
	rm -rf "$work"
}
trap stop EXIT

for port in "$app_port" "$prometheus_port"; do
	! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || fail "Port $port is in use. Set APP_PORT or PROMETHEUS_PORT."
done

# A model with a price and one without, streams that do not say their usage, a budget that
# is used up, and a ledger that nobody else has
java -jar "${jars[0]}" --server.address=127.0.0.1 --server.port="$app_port" --spring.main.banner-mode=off \
	--sample.embedded-provider.token-delay=5ms --sample.embedded-provider.dated-names=true \
	--sample.embedded-provider.failure-rate=0.04 --token-counter.metrics.tags=tenant \
	--spring.ai.openai.chat.model=house-model --spring.ai.openai.chat.stream-options.include-usage=false \
	--spring.datasource.url="jdbc:h2:file:$work/calls" --token-counter.ledger.spool.directory="$work/spool" \
	--token-counter.budgets.monthly.max-cost=100 \
	--token-counter.budgets.trial.max-calls=3 '--token-counter.budgets.trial.match.tags[tenant]=trial' \
	'--token-counter.pricing.models[llama3.2].input=1' '--token-counter.pricing.models[llama3.2].output=2' \
	>"$work/app.log" 2>&1 &
pids+=($!)

sed -e 's/15s/1s/' -e "s/localhost:8080/127.0.0.1:$app_port/" prometheus.yml >"$work/prometheus.yml"
cp rules.yml "$work"
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
	--web.listen-address="127.0.0.1:$prometheus_port" --log.level=warn >"$work/prometheus.log" 2>&1 &
pids+=($!)

until curl -fs -o /dev/null "$app/actuator/health" && curl -fs -o /dev/null "$prometheus/-/ready"; do
	kill -0 "${pids[0]}" 2>/dev/null && kill -0 "${pids[1]}" 2>/dev/null && ((SECONDS < deadline)) || {
		tail -n 20 "$work"/*.log >&2
		fail "The application or Prometheus did not start"
	}
	sleep 0.5
done

extract() {
	curl -s -o /dev/null -H 'Content-Type: application/json' -H "X-Tenant: $2" -d "$3" "$app/extract/$1"
}

load() {
	local tenant provider
	for tenant in acme globex; do
		for provider in openai ollama; do
			extract cv "$tenant" "{\"text\":\"Ada\\nSkills: Java\",\"provider\":\"$provider\"}"
			curl -s -o /dev/null -H "X-Tenant: $tenant" "$app/chat/stream?provider=$provider&message=Hello"
		done
	done
	# Is refused soon
	extract cv trial '{"text":"Ada\nSkills: Java","provider":"ollama"}'
	# Leaves a stream that takes longer
	curl -s -o /dev/null -m 0.3 "$app/chat/stream?provider=ollama&message=$(printf 'word+%.0s' {1..300})" || true
}
while load; do :; done &
pids+=($!)

query() {
	curl -fsS --data-urlencode "query=$1" "$prometheus/api/v1/query" |
		jq -e '[.data.result[] | select(.value[1] != "NaN")] | length > 0' >/dev/null
}

await() {
	until query "$1"; do
		((SECONDS < deadline)) || fail "No data: $1"
		sleep 1
	done
}

# The sample's provider has no prompt cache and does not reason, so that nothing counts
# these. A test of the sample application holds all names.
names=$(cat dashboard.json rules.yml | grep -o '\bllm_[a-z_]*_\(total\|sum\|count\|max\)\b' | sort -u |
	grep -v -e cache -e reasoning)
queries=$(jq -r '.panels[].targets[]?.expr' dashboard.json |
	sed -e 's/\$__rate_interval/1m/g' -e 's/\$__range/5m/g' -e 's/\${caller_tag:raw}/tenant/g' -e 's/\$job/.*/g')
records=$(sed -n 's/^ *- record: //p' rules.yml)

checked=0
while IFS= read -r query; do
	await "$query"
	checked=$((checked + 1))
done <<<"$names
$queries
$records"

until unhealthy=$(curl -fsS "$prometheus/api/v1/rules" |
	jq -r '.data.groups[].rules[] | select(.health != "ok") | "\(.name): \(.health) \(.lastError // "")"') && [[ -z $unhealthy ]]; do
	((SECONDS < deadline)) || fail "Rules that do not evaluate: $unhealthy"
	sleep 1
done

# A budget has spent what the calls cost, and what cancelled ones may have
await 'llm_budget_spent{budget="monthly"} >= on() sum(llm_cost_total)'
await 'llm_budget_spent{budget="trial"} == 3'
! query 'job_budget:llm_budget_used:ratio{budget="monthly"} > 0.8' || fail "A budget is said to be used up"

# Failures and successes of a model are set against each other, though it answers by
# another name than it is asked by
await 'llm_calls_total{gen_ai_request_model="house-model", gen_ai_response_model="house-model-2024-07-18", outcome="success"}'
await 'job_model:llm_call_errors:ratio_rate5m{gen_ai_request_model="house-model"} > 0.005 < 0.1'
! query 'job_model:llm_call_errors:ratio_rate5m > 0.1' || fail "A model is said to fail more often than it does"

states() {
	curl -fsS "$prometheus/api/v1/rules?type=alert" |
		jq -r '[.data.groups[].rules[] | "\(.name) \(.state)"] | sort | join(", ")'
}
expected="TokenBudgetNearLimit firing, TokenBudgetRefusing firing, TokenBudgetStoreUnavailable inactive"
expected+=", TokenCallErrorRateHigh inactive, TokenLedgerBehind inactive, TokenLedgerCallsFailed inactive"
expected+=", TokenLedgerSpoolGrowing inactive, TokenModelUnpriced firing, TokenSpendHigh inactive, TokenUsageUnreported firing"
until [[ $(states) == "$expected" ]]; do
	((SECONDS < deadline)) || fail "Alerts are: $(states)"
	sleep 1
done
echo "$checked queries return data. Alerts as they should be: $(states)"

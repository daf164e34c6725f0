
// What was counted since the start or the last reset
{
	const BUCKET = 5000, BUCKETS = 60;
	const COLUMNS = ["Share", "Input tokens", "Output tokens", "Calls", "Cost", "First token", "Output rate"];
	const buckets = new Map();
	let previous, updated;

	const rate = (totals) => totals.output_tokens_per_second
		? totals.output_tokens_per_second.toLocaleString("en", { maximumSignificantDigits: 3 }) + " tokens/s" : "–";

	const figure = (name, values, unit) => element("div", {}, element("dt", { textContent: name }),
		element("dd", {}, ...values.map((value) => element("span", { className: "value", textContent: value })),
			element("span", { className: "unit", textContent: unit })));

	const header = (name) => element("tr", { role: "row" },
		...[name, ...COLUMNS].map((label) => element("th", { role: "columnheader", scope: "col", textContent: label })));

	const row = (name, about, totals, most) => {
		const head = element("th", { role: "rowheader", scope: "row", textContent: name });
		head.append(...about ? [sub(about)] : [], ...gaps(totals, totals.unreported_successes));
		const known = totals.unreported_requests < totals.requests;
		const of = (tokens) => most ? tokens / most : 0;
		return element("tr", { role: "row" }, head,
			share(bar(part("in", of(totals.input_tokens)), part("out", of(totals.output_tokens)))),
			cell(COLUMNS[1], known ? number(totals.input_tokens) : "unknown"),
			cell(COLUMNS[2], known ? number(totals.output_tokens) : "unknown"),
			cell(COLUMNS[3], number(totals.requests)), cell(COLUMNS[4], costs(totals).join(" + ") || "unknown"),
			cell(COLUMNS[5], duration(totals.time_to_first_token_ms)), cell(COLUMNS[6], rate(totals)));
	};

	const rows = (entries, name, about) => {
		const most = Math.max(...entries.map((entry) => entry.total_tokens), 0);
		return entries.map((entry) => row(name(entry), about(entry), entry, most));
	};

	const table = (id, entries, name, about) => byId(id).replaceChildren(...rows(entries, name, about));

	const tags = (summary) => byId("tags").replaceChildren(...Object.entries(summary.tags ?? {}).map(([key, entries]) =>
		element("section", { className: "panel", ariaLabel: "By " + key }, element("h2", { textContent: "By " + key }),
			element("table", { className: "wide", role: "table", ariaLabel: "By " + key },
				element("thead", { role: "rowgroup" }, header(key)),
				element("tbody", { role: "rowgroup" }, ...rows(entries, (entry) => entry.value,
					(entry) => entry.value === "none" ? "calls without it" : ""))))));

	const outcome = (name, calls, all) => element("tr", { role: "row" },
		element("th", { role: "rowheader", scope: "row", textContent: name }),
		cell("Calls", number(calls)), cell("Share", percent(calls, all)));

	const warnings = (summary) => {
		const names = (field) => summary.models.filter((model) => model[field]).map((model) => model.model).join(", ");
		const items = [];
		if (summary.unreported_successes) {
			items.push(count(summary.unreported_successes, "call") + " without usage: the provider did not say how many tokens ("
				+ names("unreported_successes") + ")");
		}
		if (summary.unpriced_requests) {
			items.push(count(summary.unpriced_requests, "call") + " without price: the cost below does not include them ("
				+ names("unpriced_requests") + ")");
		}
		byId("warnings").hidden = !items.length;
		byId("warnings").firstChild.replaceChildren(...items.map((item) => element("li", { textContent: item })));
	};

	const add = (key, input, output) => {
		const bucket = buckets.get(key) ?? { input: 0, output: 0 };
		bucket.input += input;
		bucket.output += output;
		buckets.set(key, bucket);
	};

	// The first answer has the calls that are kept, the following ones have sums only

	const record = (summary, now) => {
		const last = Math.floor(now / BUCKET);
		const current = { input: summary.total_input_tokens, output: summary.total_output_tokens, since: summary.since };
		if (previous) {
			const base = previous.since === current.since ? previous : { input: 0, output: 0 };
			add(last, current.input - base.input, current.output - base.output);
		}
		else {
			summary.requests.forEach((call) => add(Math.min(last, Math.floor((Date.parse(call.timestamp) + call.duration_ms) / BUCKET)),
				call.input_tokens, call.output_tokens));
		}
		for (const old of buckets.keys()) {
			if (old <= last - BUCKETS) {
				buckets.delete(old);
			}
		}
		previous = current;
	};

	const chart = (now) => {
		const last = Math.floor(now / BUCKET);
		const shown = [...buckets].filter(([key]) => key > last - BUCKETS);
		const sum = (name) => shown.reduce((total, [, bucket]) => total + bucket[name], 0);
		const peak = Math.max(...shown.map(([, bucket]) => bucket.input + bucket.output), 0);
		byId("in-time").textContent = count(sum("input"), "input token");
		byId("out-time").textContent = count(sum("output"), "output token");
		byId("peak").textContent = peak ? count(peak, "token") + " in 5 seconds" : "No tokens yet";
		byId("chart").replaceChildren(...shown.filter(() => peak).flatMap(([key, bucket]) => {
			const x = 600 - (last - key + 1) * 600 / BUCKETS, width = 600 / BUCKETS - 2;
			const input = 100 * bucket.input / peak, output = 100 * bucket.output / peak;
			return [rectangle("in", x, 100 - input, width, input), rectangle("out", x, 100 - input - output, width, output)];
		}));
	};

	const averages = (summary) => {
		const operations = Object.entries(summary.average_tokens_per_request_by_operation ?? {});
		return operations.length
			? "tokens per call: " + operations.map(([operation, average]) => number(average) + " " + operation).join(", ")
			: number(summary.average_tokens_per_request) + " tokens per call";
	};

	const show = (summary) => {
		const calls = summary.total_requests;
		byId("since").textContent = "Since " + time(new Date(summary.since), { dateStyle: "medium", timeStyle: "medium" });
		byId("empty").hidden = calls > 0;
		byId("content").hidden = byId("sums").hidden = calls === 0;
		warnings(summary);
		const money = costs(summary);
		byId("figures").replaceChildren(
			figure("Input", [number(summary.total_input_tokens)],
				"tokens, " + percent(summary.cache_read_tokens, summary.total_input_tokens) + " from cache"),
			figure("Output", [number(summary.total_output_tokens)],
				"tokens, " + percent(summary.reasoning_tokens, summary.total_output_tokens) + " reasoning"),
			figure("Calls", [number(calls)], averages(summary)),
			figure("Cost", money.length ? money : ["unknown"], summary.unpriced_requests ? "without unpriced calls" : "list or configured prices"),
			figure("Time to first token", [duration(summary.time_to_first_token_ms)], "average of streams"),
			figure("Output rate", [rate(summary)], "while generating"));
		const succeeded = calls - summary.failed_requests - summary.cancelled_requests;
		byId("outcomes").replaceChildren(outcome("Succeeded", succeeded, calls),
			outcome("Failed", summary.failed_requests - summary.rejected_requests, calls),
			outcome("Cancelled", summary.cancelled_requests, calls),
			outcome("Rejected", summary.rejected_requests, calls));
		table("models", summary.models, (entry) => entry.model,
			(entry) => entry.provider + (entry.operation === "chat" ? "" : " " + entry.operation));
		table("features", summary.features, (entry) => entry.feature,
			(entry) => entry.feature === "none" ? "outside of any feature" : "");
		tags(summary);
	};

	byId("download").addEventListener("click", async () => {
		try {
			const url = URL.createObjectURL(new Blob([await read(location.pathname)], { type: "application/json" }));
			element("a", { href: url, download: "tokens-" + new Date().toISOString().replaceAll(":", "-") + ".json" }).click();
			setTimeout(() => URL.revokeObjectURL(url), TIMEOUT);
		}
		catch (error) {
			say("status", error.message, true);
		}
	});

	byId("models").previousElementSibling.replaceChildren(header("Model"));
	byId("features").previousElementSibling.replaceChildren(header("Feature"));

	poll(3000, async () => {
		const summary = JSON.parse(await read(location.pathname + (previous ? "?requests=0" : "")));
		const now = Date.now();
		record(summary, now);
		show(summary);
		chart(now);
		updated = new Date(now);
		byId("download").disabled = false;
		byId("updated").textContent = "Updated " + time(updated);
		say("status", paused ? "Paused" : "");
	}, (message, then) => say("status", message + (updated ? ". The numbers are of " + time(updated) : "") + then, true));
}

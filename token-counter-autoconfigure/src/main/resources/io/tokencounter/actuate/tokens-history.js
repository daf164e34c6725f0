
// What the ledger knows, where its endpoint is exposed
if (byId("history").dataset.path) {
	const HOUR = 3600000, DAY = 24 * HOUR, SHOWN = 5, CALLS = 5;
	const path = byId("history").dataset.path;
	const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

	// Days and hours are those of the browser, as the question says

	const startOf = (every, date) => every === "hour" ? new Date(date).setMinutes(0, 0, 0)
		: every === "day" ? new Date(date).setHours(0, 0, 0, 0) : new Date(date.getFullYear(), date.getMonth()).getTime();

	const after = (every, start) => every === "hour" ? start + HOUR
		: every === "day" ? new Date(start).setDate(new Date(start).getDate() + 1)
			: new Date(start).setMonth(new Date(start).getMonth() + 1);

	const RANGES = {
		hour: (now) => now - HOUR,
		day: (now) => startOf("hour", new Date(now - 23 * HOUR)),
		week: (now) => new Date(startOf("day", new Date(now))).setDate(new Date(now).getDate() - 6),
		month: (now) => new Date(startOf("day", new Date(now))).setDate(new Date(now).getDate() - 29)
	};

	// As the inputs have it: local, and without its zone

	const local = (instant) => new Date(instant - new Date(instant).getTimezoneOffset() * 60000).toISOString().slice(0, 16);

	const custom = () => byId("range").value === "custom";

	const question = () => {
		const from = custom() ? Date.parse(byId("from").value) : RANGES[byId("range").value](Date.now());
		const to = custom() ? Date.parse(byId("to").value) : Date.now();
		const query = new URLSearchParams({ from: new Date(from).toISOString(), zone });
		if (custom()) {
			query.set("to", new Date(to).toISOString());
		}
		return { by: byId("by").value, query,
			every: to - from <= 2 * DAY + HOUR ? "hour" : to - from <= 100 * DAY ? "day" : "month" };
	};

	const ask = async (query, more, what = "") => JSON.parse(await read(path + what + "?" + query + "&" + new URLSearchParams(more)));

	const add = (total, sum) => {
		for (const field of ["requests", "total_tokens", "input_tokens", "output_tokens", "unreported_requests", "unpriced_requests"]) {
			total[field] = (total[field] ?? 0) + sum[field];
		}
		total.cost ??= {};
		Object.entries(sum.cost).forEach(([currency, amount]) => total.cost[currency] = (total.cost[currency] ?? 0) + amount);
	};

	const totals = (sums, keyOf) => {
		const found = new Map();
		sums.forEach((sum) => {
			const key = keyOf(sum);
			found.set(key, found.get(key) ?? { key });
			add(found.get(key), sum);
		});
		return [...found.values()];
	};

	const periods = ({ from, to }, every) => {
		const starts = [Date.parse(from)];
		for (let next = after(every, startOf(every, new Date(from))); next < Date.parse(to); next = after(every, next)) {
			starts.push(next);
		}
		return starts;
	};

	const label = (every, start) => time(new Date(start), every === "hour" ? { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" }
		: every === "day" ? { month: "short", day: "numeric" } : { month: "short", year: "numeric" });

	// Has a number for each period and in it for each group

	const chart = (title, numbers, starts, groups, every, write) => {
		const peak = Math.max(...numbers.map((values) => values.reduce((sum, value) => sum + value)));
		const slot = 600 / starts.length, width = Math.min(slot * 0.8, 60);
		const svg = document.createElementNS(SVG, "svg");
		Object.entries({ viewBox: "0 0 600 100", preserveAspectRatio: "none", role: "img", "aria-label": title + ", at most " + write(peak) })
			.forEach(([name, value]) => svg.setAttribute(name, value));
		numbers.forEach((values, i) => {
			let y = 100;
			values.forEach((value, g) => {
				const height = peak ? 100 * value / peak : 0;
				const drawn = rectangle("g" + g, (i + 0.5) * slot - width / 2, y -= height, width, height);
				drawn.append(Object.assign(document.createElementNS(SVG, "title"),
					{ textContent: label(every, starts[i]) + ", " + groups[g] + ": " + write(value) }));
				svg.append(...value ? [drawn] : []);
			});
		});
		return element("div", {}, element("h3", { textContent: title }), element("div", { className: "axis" },
			element("span", { textContent: peak ? "at most " + write(peak) + (every === "month" ? " a month" : every === "day" ? " a day" : " an hour") : "nothing" })),
			svg, element("div", { className: "axis" }, element("span", { textContent: label(every, starts[0]) }),
				element("span", { textContent: starts.length > 1 ? label(every, starts.at(-1)) : "" })));
	};

	const charts = ({ sums, ...answer }, ranked, { by, every }) => {
		const starts = periods(answer, every);
		const groups = ranked.slice(0, SHOWN).map((total) => total.key);
		const legend = ranked.length > SHOWN ? [...groups, count(ranked.length - SHOWN, "other")] : groups;
		const numbers = (valueOf) => {
			const found = starts.map(() => legend.map(() => 0));
			sums.forEach((sum) => {
				const group = groups.indexOf(sum[by]);
				const period = Math.max(starts.findLastIndex((start) => start <= Date.parse(sum.from)), 0);
				found[period][group < 0 ? SHOWN : group] += valueOf(sum) ?? 0;
			});
			return found;
		};
		byId("history-legend").replaceChildren(...legend.map((name, i) => element("span", { className: "key g" + i, textContent: name })));
		byId("history-charts").replaceChildren(
			chart("Tokens", numbers((sum) => sum.total_tokens), starts, legend, every, (value) => count(value, "token")),
			...[...new Set(sums.flatMap((sum) => Object.keys(sum.cost)))].sort().map((currency) => chart("Cost in " + currency,
				numbers((sum) => sum.cost[currency]), starts, legend, every, (value) => money(currency, value))));
	};

	const cost = { label: "Cost", value: worth, show: (row) => [costs(row).join(" + ") || "unknown"] };
	const numbers = [["Input tokens", "input_tokens"], ["Output tokens", "output_tokens"]].map(([name, field]) => ({ label: name,
		value: (row) => row[field], show: (row) => [number(row[field])] }));
	const calls = { label: "Calls", value: (row) => row.requests, show: (row) => [number(row.requests)] };

	const grouped = sortedTable("Sums", [{ label: "Name", value: (row) => row.key,
		show: (row) => [row.key, ...gaps(row)] }, ...numbers, calls, cost]);
	const timed = sortedTable("Sums over time", [{ label: "From", value: (row) => row.start, show: (row) => [row.text] }, ...numbers, calls, cost]);

	const callTable = (name) => sortedTable(name, [
		{ label: "Time", value: (call) => Date.parse(call.timestamp), show: (call) =>
			[time(new Date(call.timestamp), { dateStyle: "medium", timeStyle: "medium" }), ...call.outcome === "success" ? [] : [note(call.outcome)]] },
		{ label: "Model", text: true, value: (call) => call.model, show: (call) => [call.model, sub(call.provider)] },
		{ label: "Feature", text: true, value: (call) => call.feature, show: (call) => [call.feature,
			...Object.entries(call.tags).map(([key, value]) => sub(key + " " + value))] },
		...numbers.map((column) => ({ ...column, show: (call) => call.reported ? column.show(call) : ["unknown"] })),
		cost, { label: "Duration", value: (call) => call.duration_ms, show: (call) => [duration(call.duration_ms)] }]);
	const latest = callTable("The latest calls"), dearest = callTable("The dearest calls");

	const title = (by) => "By " + by.replace("tag:", "");

	const link = (id, query, more, what = "") => {
		byId(id).href = path + what + "?" + query + "&" + new URLSearchParams({ ...more, format: "csv" });
	};

	const load = poll(60000, async () => {
		if (custom() && !(byId("from").value < byId("to").value)) {
			say("history-status", "Choose a start, and an end that is later.", true);
			return;
		}
		const asked = question();
		const { by, every, query } = asked;
		const [answer, last, most] = await Promise.all([ask(query, { by, every }),
			...["latest", "dearest"].map((order) => ask(query, { order, size: CALLS }, "/calls"))]);
		const ranked = totals(answer.sums, (sum) => sum[by]).sort((one, other) => other.total_tokens - one.total_tokens);
		byId("history-empty").hidden = ranked.length > 0;
		byId("history-content").hidden = !ranked.length;
		charts(answer, ranked, asked);
		byId("history-by").textContent = title(by);
		grouped.show(ranked);
		timed.show(totals(answer.sums, (sum) => sum.from).map((total) => ({ ...total, start: Date.parse(total.key), text: label(every, total.key) })));
		latest.show(last.requests);
		dearest.show(most.requests);
		link("history-csv", query, { by, every });
		link("calls-csv", query, { order: "latest", size: 1000 }, "/calls");
		say("history-status", "");
		say("history-range", [answer.from, answer.to].map((date) => time(new Date(date), { dateStyle: "medium", timeStyle: "short" })).join(" – ")
			+ ", " + zone);
	}, (message, then) => say("history-status", message + then, true));

	byId("history-sums").append(grouped.table);
	byId("history-times").append(timed.table);
	byId("history-latest").append(latest.table);
	byId("history-dearest").append(dearest.table);
	byId("history").hidden = false;
	byId("by").addEventListener("change", load);
	byId("range").addEventListener("change", () => {
		byId("custom").hidden = !custom();
		if (!custom()) {
			load();
		}
		else if (!byId("from").value) {
			byId("from").value = local(RANGES.week(Date.now()));
			byId("to").value = local(Date.now());
		}
	});
	byId("show").addEventListener("click", load);
}

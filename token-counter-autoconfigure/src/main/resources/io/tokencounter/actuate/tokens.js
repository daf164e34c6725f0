// What all parts of the page use. Values are only ever set as text, never as markup.

const LONGEST_WAIT = 30000, TIMEOUT = 10000;
const SVG = "http://www.w3.org/2000/svg";
const pollers = [];
let paused = false, forbidden = false;

const byId = (id) => document.getElementById(id);

const element = (name, properties = {}, ...children) => {
	const created = Object.assign(document.createElement(name), properties);
	created.append(...children);
	return created;
};

const rectangle = (className, x, y, width, height) => {
	const created = document.createElementNS(SVG, "rect");
	Object.entries({ class: className, x, y, width, height }).forEach(([name, value]) => created.setAttribute(name, value));
	return created;
};

const number = (value) => value.toLocaleString("en", { maximumFractionDigits: 0 });
const count = (value, unit) => number(value) + " " + unit + (value === 1 ? "" : "s");
const percent = (part, whole) => !whole ? "–" : part > 0 && part / whole < 0.001 ? "< 0.1 %"
	: (100 * part / whole).toLocaleString("en", { maximumFractionDigits: 1 }) + " %";
const duration = (millis) => millis === undefined ? "–" : millis < 1000 ? number(millis) + " ms"
	: (millis / 1000).toLocaleString("en", { maximumFractionDigits: 2 }) + " s";
const time = (date, options = { timeStyle: "medium" }) => date.toLocaleString("en", { hourCycle: "h23", ...options });

const money = (currency, amount) => {
	const digits = amount > 0 && amount < 0.01
		? { minimumSignificantDigits: 2, maximumSignificantDigits: 2 }
		: { minimumFractionDigits: 2, maximumFractionDigits: 4 };
	return amount.toLocaleString("en", digits) + " " + currency;
};

const costs = (totals) => Object.entries(totals.cost ?? {}).map(([currency, amount]) => money(currency, amount));
const worth = (totals) => Object.values(totals.cost ?? {}).reduce((sum, amount) => (sum ?? 0) + amount, undefined);

const note = (textContent) => element("span", { className: "note", textContent });
const sub = (textContent) => element("span", { className: "sub", textContent });

// What is not known about calls

const gaps = (totals, unreported) => [[unreported, "usage"], [totals.unpriced_requests, "price"]]
	.filter(([calls]) => calls).map(([calls, what]) => note(count(calls, "call") + " without " + what));

const cell = (label, ...children) => {
	const created = element("td", { role: "cell" }, ...children);
	created.dataset.label = label;
	return created;
};

const part = (className, share) => {
	const created = element("span", { className });
	created.style.width = 100 * share + "%";
	return created;
};

const bar = (...parts) => element("div", { className: "bar", ariaHidden: "true" }, ...parts);
const share = (...children) => element("td", { className: "share", role: "cell" }, ...children);

// A table that sorts by a click on a header. The first column is the name of a row. Where a column
// has no value to sort by, nobody can sort by it.

const sortedTable = (name, columns) => {
	const labels = columns.map(({ label, value }) => value ? element("button", { type: "button", textContent: label }) : label);
	const heads = columns.map(({ text }, i) => element("th", { role: "columnheader", scope: "col", className: text ? "text" : "" }, labels[i]));
	const body = element("tbody", { role: "rowgroup" });
	let rows = [], by, down;

	const compare = (one, other) => {
		const [a, b] = [by.value(one), by.value(other)];
		if (a === undefined || b === undefined) {
			return (a === undefined) - (b === undefined);
		}
		return (typeof a === "string" ? a.localeCompare(b) : a - b) * (down ? -1 : 1);
	};

	const fill = () => body.replaceChildren(...(by ? rows.toSorted(compare) : rows).map((row) => element("tr", { role: "row" },
		element("th", { role: "rowheader", scope: "row" }, ...columns[0].show(row)),
		...columns.slice(1).map(({ label, value, text, show }) => {
			const created = value ? cell(label, ...show(row)) : share(...show(row));
			created.classList.toggle("text", Boolean(text));
			return created;
		}))));

	const sort = (column) => {
		down = by === column ? !down : !rows.length || typeof column.value(rows[0]) !== "string";
		by = column;
		heads.forEach((head, i) => columns[i] === by
			? head.setAttribute("aria-sort", down ? "descending" : "ascending") : head.removeAttribute("aria-sort"));
		fill();
	};

	columns.forEach((column, i) => column.value && labels[i].addEventListener("click", () => sort(column)));
	const table = element("table", { className: "wide sorted", role: "table", ariaLabel: name },
		element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...heads)), body);
	return { table, show: (shown) => {
		rows = shown;
		fill();
	} };
};

const read = async (path, accept = "application/json") => {
	const response = await fetch(path, { headers: { Accept: accept }, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT) })
		.catch(() => {
			throw new Error(forbidden ? "A Content-Security-Policy forbids this page to ask for its numbers: it needs connect-src 'self'"
				: "Connection lost");
		});
	if (!response.ok || !response.headers.get("Content-Type")?.includes("json")) {
		throw new Error("No numbers from the server, which answered with status " + response.status);
	}
	return response.text().catch(() => {
		throw new Error("Connection lost");
	});
};

const say = (id, message, lost) => {
	if (byId(id).textContent !== message) {
		byId(id).textContent = message;
	}
	byId(id).classList.toggle("lost", Boolean(lost));
};

// Asks again and again while somebody looks, and waits longer while it gets no answer

const poll = (every, ask, failed) => {
	let timer, failures = 0, asking = false, again = false;
	const wait = () => Math.min(every * 2 ** failures, Math.max(every, LONGEST_WAIT));
	const stop = () => clearTimeout(timer);
	const run = async () => {
		stop();
		again = asking;
		if (asking) {
			return;
		}
		asking = true;
		try {
			await ask();
			failures = 0;
		}
		catch (error) {
			failures++;
			failed(error.message, paused ? "." : ". Trying again in " + wait() / 1000 + " s.");
		}
		asking = false;
		if (again) {
			run();
		}
		else if (!paused && !document.hidden) {
			timer = setTimeout(run, wait());
		}
	};
	pollers.push({ run, stop });
	run();
	return run;
};

document.addEventListener("securitypolicyviolation", (event) => {
	forbidden ||= event.effectiveDirective === "connect-src";
});

document.addEventListener("visibilitychange", () => {
	if (!document.hidden && !paused) {
		pollers.forEach(({ run }) => run());
	}
});

byId("pause").addEventListener("click", () => {
	paused = !paused;
	byId("pause").setAttribute("aria-pressed", paused);
	if (paused) {
		say("status", "Paused");
	}
	pollers.forEach(({ run, stop }) => paused ? stop() : run());
});

byId("blocked").remove();

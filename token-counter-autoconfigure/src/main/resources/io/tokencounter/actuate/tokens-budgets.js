
// How the budgets stand, where their endpoint is exposed
if (byId("budgets").dataset.path) {
	const amount = ({ unit, currency }, value) => unit === "cost" ? money(currency, value) : count(value, unit.slice(0, -1));
	const used = ({ limit, spent }) => limit ? spent / limit : undefined;

	const parts = ({ limit, spent, held }) => {
		const whole = Math.max(limit, spent + held);
		return whole ? [part(spent >= limit ? "full" : "in", spent / whole), part("out", held / whole)] : [];
	};

	const about = ({ subject, window, first, refused, spent, limit }) => [
		sub([subject, window].filter((name) => name).join(", ")),
		...first && refused ? [note(count(refused, "call") + " refused")] : [],
		...spent >= limit ? [note("used up")] : []];

	const { table, show } = sortedTable("Budgets", [
		{ label: "Budget", value: (row) => row.budget, show: (row) => [row.budget, ...about(row)] },
		{ label: "Used", show: (row) => [bar(...parts(row))] },
		{ label: "Share", value: used, show: (row) => [percent(row.spent, row.limit)] },
		{ label: "Limit", value: (row) => row.limit, show: (row) => [amount(row, row.limit)] },
		{ label: "Spent", value: (row) => row.spent, show: (row) => [amount(row, row.spent),
			...row.estimated ? [sub(amount(row, row.estimated) + " estimated")] : []] },
		{ label: "Held", value: (row) => row.held, show: (row) => [row.held ? amount(row, row.held) : "–"] },
		{ label: "Resets", value: (row) => row.resetsAt ? Date.parse(row.resetsAt) : undefined,
			show: (row) => [row.resetsAt
			? time(new Date(row.resetsAt), { dateStyle: "medium", timeStyle: "short" }) : row.window === "run" ? "with each run" : "never"] }]);

	byId("budgets").append(table);
	byId("budgets").hidden = false;
	poll(10000, async () => {
		const { budgets } = JSON.parse(await read(byId("budgets").dataset.path));
		show(budgets.flatMap((budget) => budget.amounts.map((limited, i) => ({ ...budget, ...limited, first: i === 0 }))));
		say("budgets-status", "");
	}, (message, then) => say("budgets-status", message + then, true));
}

/*
 * Copyright 2026-present the original author or authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *      https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.tokencounter.ledger.jdbc;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import javax.sql.DataSource;

import io.tokencounter.CallOutcome;
import io.tokencounter.TokenCall;
import io.tokencounter.TokenCallQuery;
import io.tokencounter.TokenCallQuery.Order;
import io.tokencounter.TokenCost;
import io.tokencounter.TokenHistory;
import io.tokencounter.TokenHistoryQuery;
import io.tokencounter.TokenHistoryQuery.Period;
import io.tokencounter.TokenLedger;
import io.tokencounter.TokenUsage;
import io.tokencounter.ledger.LedgerCalls;
import io.tokencounter.ledger.LedgerCounts;
import io.tokencounter.ledger.LedgerRow;
import io.tokencounter.ledger.LedgerSetupException;
import io.tokencounter.ledger.LedgerStore.RejectedRowsException;
import io.tokencounter.testsupport.TestCalls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link JdbcLedgerStore} and {@link JdbcTokenLedger} on real databases.
 */
@ParameterizedClass
@EnumSource(Databases.class)
class JdbcLedgerTests {

	private static final Instant NOON = Instant.parse("2026-10-05T12:00:00Z");

	private static final Duration LONG = Duration.ofMinutes(1);

	private final Databases database;

	private final DataSource dataSource;

	private final LedgerTables tables;

	private final JdbcClient client;

	private final JdbcLedgerStore store;

	private final JdbcTokenLedger ledger;

	JdbcLedgerTests(Databases database) {
		this.database = database;
		this.dataSource = database.dataSource();
		this.tables = database.tables(this.dataSource);
		this.client = JdbcClient.create(this.dataSource);
		this.store = store();
		this.ledger = new JdbcTokenLedger(this.dataSource, this.tables, List.of("tenant"),
				() -> new LedgerCounts().status());
	}

	private JdbcLedgerStore store() {
		return new JdbcLedgerStore(this.dataSource, this.tables, List.of("tenant"));
	}

	@Test
	void keepsAllOfCall() {
		TokenCall full = LedgerCalls.full();
		TokenCall empty = LedgerCalls.empty();
		insert(full, empty);
		assertThat(calls(all())).usingRecursiveComparison().isEqualTo(List.of(full, empty));
		assertThat(this.client.sql("SELECT application, instance FROM " + this.tables.calls()).query().listOfRows())
			.allSatisfy((row) -> assertThat(row).containsValues("shop", "host:1"));
	}

	@Test
	void hasRowOnceHoweverOftenItIsWritten() {
		TokenCall call = LedgerCalls.of("cv", NOON);
		insert(call);
		insert(call, LedgerCalls.of("jd", NOON), call);
		assertThat(calls(all())).hasSize(2);
		addUp();
		assertThat(single(TokenHistoryQuery.between(NOON, NOON.plusSeconds(3600))).calls()).isEqualTo(2);
		insert(call);
		addUp();
		assertThat(single(TokenHistoryQuery.between(NOON, NOON.plusSeconds(3600))).calls()).isEqualTo(2);
	}

	@Test
	void addsUpAsTheCallsSayWhateverHasBeenAddedUpAlready() {
		Random random = new Random(17);
		List<TokenCall> calls = new ArrayList<>();
		for (int round = 0; round < 3; round++) {
			TokenCall[] more = random.ints(60).mapToObj(this::randomCall).toArray(TokenCall[]::new);
			insert(more);
			calls.addAll(List.of(more));
			if (round % 2 == 0) {
				this.store.addUpHours(NOON.plus(round * 8, ChronoUnit.HOURS));
			}
			Instant from = NOON.minus(2, ChronoUnit.DAYS);
			Instant to = NOON.plus(2, ChronoUnit.DAYS);
			TokenHistoryQuery query = TokenHistoryQuery.between(from, to);
			for (TokenHistoryQuery each : List.of(query, query.by("feature", "model"),
					query.by("tag:tenant", "outcome").every(Period.DAY, ZoneOffset.UTC),
					query.by("provider").every(Period.HOUR, ZoneId.of("Europe/Berlin")),
					query.by("operation").every(Period.DAY, ZoneId.of("Asia/Kathmandu")),
					query.every(Period.MONTH, ZoneId.of("America/New_York")).where("feature", "f1"),
					query.by("feature").where("tag:tenant", "acme").where("model", "m2"),
					query.by("feature").where("tag:tenant", "none"),
					TokenHistoryQuery.between(NOON.minusSeconds(1234), NOON.plusSeconds(98765)).by("feature"))) {
				assertThat(this.ledger.history(each)).as("round %d, %s", round, each).isEqualTo(expected(calls, each));
			}
		}
	}

	private TokenCall randomCall(int seed) {
		Random random = new Random(seed);
		long input = random.nextInt(1000);
		TokenUsage usage = (random.nextInt(5) == 0) ? TokenUsage.unreported()
				: new TokenUsage(input + 5, 20, 3, 2, random.nextInt(20), true);
		boolean priced = usage.reported() && random.nextBoolean();
		return TokenCall.builder(random.nextBoolean() ? "chat" : "embeddings", "p" + random.nextInt(2))
			.requestModel(random.nextBoolean() ? "m1" : null)
			.responseModel(random.nextBoolean() ? "m2" : null)
			.usage(usage)
			.cost(priced ? new TokenCost(BigDecimal.valueOf(random.nextInt(1000) + 1, 7),
					random.nextBoolean() ? "USD" : "EUR") : null)
			.outcome(CallOutcome.values()[random.nextInt(4)])
			.feature("f" + random.nextInt(3))
			.tags(random.nextBoolean() ? Map.of("tenant", random.nextBoolean() ? "acme" : "x\"y", "user", "u")
					: Map.of())
			.startedAt(NOON.minus(1, ChronoUnit.DAYS).plusMillis(random.nextInt(2 * 24 * 3600_000)))
			.build();
	}

	private static List<TokenHistory> expected(List<TokenCall> calls, TokenHistoryQuery query) {
		Map<List<Object>, TokenHistory> sums = new LinkedHashMap<>();
		for (TokenCall call : calls) {
			boolean wanted = !call.startedAt().isBefore(query.from()) && call.startedAt().isBefore(query.to())
					&& query.where()
						.entrySet()
						.stream()
						.allMatch((entry) -> value(call, entry.getKey().name()).equals(entry.getValue()));
			if (wanted) {
				Map<String, String> values = new LinkedHashMap<>();
				query.by().forEach((dimension) -> values.put(dimension.name(), value(call, dimension.name())));
				Instant start = start(call.startedAt(), query);
				TokenUsage usage = call.usage();
				TokenHistory one = new TokenHistory(start, values, 1, usage.reported() ? 0 : 1,
						(usage.reported() && call.cost() == null) ? 1 : 0, usage.input(), usage.output(),
						usage.cacheRead(), usage.cacheWrite(), usage.reasoning(),
						(call.cost() != null) ? Map.of(call.cost().currency(), call.cost().amount()) : Map.of());
				sums.merge(List.of(start, values), one, JdbcLedgerTests::add);
			}
		}
		return sums.values().stream().map((sum) -> {
			Map<String, BigDecimal> plain = new LinkedHashMap<>();
			sum.cost().forEach((currency, amount) -> plain.put(currency, CallColumns.plain(amount)));
			return new TokenHistory(sum.from(), sum.values(), sum.calls(), sum.unreportedCalls(), sum.unpricedCalls(),
					sum.input(), sum.output(), sum.cacheRead(), sum.cacheWrite(), sum.reasoning(), plain);
		})
			.sorted(Comparator.comparing(TokenHistory::from)
				.thenComparing((sum) -> String.join("\0", sum.values().values())))
			.toList();
	}

	private static TokenHistory add(TokenHistory one, TokenHistory two) {
		Map<String, BigDecimal> cost = new LinkedHashMap<>(one.cost());
		two.cost().forEach((currency, amount) -> cost.merge(currency, amount, BigDecimal::add));
		return new TokenHistory(one.from(), one.values(), one.calls() + two.calls(),
				one.unreportedCalls() + two.unreportedCalls(), one.unpricedCalls() + two.unpricedCalls(),
				one.input() + two.input(), one.output() + two.output(), one.cacheRead() + two.cacheRead(),
				one.cacheWrite() + two.cacheWrite(), one.reasoning() + two.reasoning(), cost);
	}

	private static Instant start(Instant time, TokenHistoryQuery query) {
		if (query.every() == null) {
			return query.from();
		}
		Instant start = switch (query.every()) {
			case HOUR -> time.atZone(query.zone()).truncatedTo(ChronoUnit.HOURS).toInstant();
			case DAY -> time.atZone(query.zone()).toLocalDate().atStartOfDay(query.zone()).toInstant();
			case MONTH ->
				time.atZone(query.zone()).toLocalDate().withDayOfMonth(1).atStartOfDay(query.zone()).toInstant();
		};
		return start.isBefore(query.from()) ? query.from() : start;
	}

	private static String value(TokenCall call, String dimension) {
		return switch (dimension) {
			case "feature" -> call.feature();
			case "model" -> call.model();
			case "provider" -> call.provider();
			case "operation" -> call.operation();
			case "outcome" -> call.outcome().value();
			default -> call.tags().getOrDefault(dimension.substring("tag:".length()), "none");
		};
	}

	@Test
	void takesEndedHoursFromTheirSumsAlone() {
		insert(LedgerCalls.of("cv", NOON), LedgerCalls.of("cv", NOON.plusSeconds(3600)));
		assertThat(this.store.addUpHours(NOON.plusSeconds(3600 + 1800))).isEqualTo(1);
		this.client.sql("DELETE FROM " + this.tables.calls()).update();
		assertThat(single(TokenHistoryQuery.between(NOON, NOON.plusSeconds(7200))).calls()).isEqualTo(1);
	}

	@Test
	void saysWhatHistoryDoesNotHave() {
		TokenHistoryQuery query = TokenHistoryQuery.between(NOON, NOON.plusSeconds(1));
		assertThatIllegalArgumentException().isThrownBy(() -> this.ledger.history(query.by("tag:user")))
			.withMessageContaining("token-counter.ledger.tags");
		assertThatIllegalArgumentException().isThrownBy(() -> query.by("prompt")).withMessageContaining("feature");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.ledger.history(TokenHistoryQuery.between(NOON, NOON.plus(20_000, ChronoUnit.HOURS))
				.every(Period.HOUR, ZoneOffset.UTC)))
			.withMessageContaining("periods");
		assertThat(this.ledger.history(TokenHistoryQuery.between(NOON, NOON))).isEmpty();
		assertThat(this.ledger.history(TokenHistoryQuery.between(Instant.MIN, Instant.MAX))).isEmpty();
	}

	@Test
	void deletesCallsAndKeepsTheirSums() {
		insert(LedgerCalls.of("cv", NOON), LedgerCalls.of("cv", NOON.plusSeconds(60)),
				LedgerCalls.of("cv", NOON.plusSeconds(3600)), LedgerCalls.of("cv", NOON.plusSeconds(7200)));
		// Not added up before
		assertThat(this.store.deleteCalls(NOON.plusSeconds(7201), LONG)).isEqualTo(3);
		assertThat(calls(all())).hasSize(1);
		assertThat(everything()).isEqualTo(4);
		assertThat(this.store.deleteCalls(NOON.plusSeconds(7201), LONG)).isZero();
	}

	@Test
	void countsCallThatComesAfterItsHourWasDeleted() {
		insert(LedgerCalls.of("cv", NOON), LedgerCalls.of("cv", NOON.plusSeconds(3600)));
		addUp();
		this.store.deleteCalls(NOON.plusSeconds(3600), LONG);
		TokenCall late = LedgerCalls.of("cv", NOON.plusSeconds(5));
		insert(late);
		assertThat(everything()).isEqualTo(3);
		addUp();
		assertThat(everything()).isEqualTo(3);
		assertThat(calls(all())).hasSize(1);
		insert(LedgerCalls.of("cv", NOON.plusSeconds(6)), LedgerCalls.of("cv", NOON.minusSeconds(7200)));
		addUp();
		this.store.deleteCalls(NOON.plusSeconds(3600), LONG);
		addUp();
		assertThat(everything()).isEqualTo(5);
	}

	@Test
	void isRightWhileManyWriteAddUpDeleteAndAsk() throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(4);
		try {
			List<Future<?>> writers = new ArrayList<>();
			for (int writer = 0; writer < 2; writer++) {
				JdbcLedgerStore own = store();
				int seed = writer;
				writers.add(executor.submit(() -> {
					Random random = new Random(seed);
					for (int i = 0; i < 50; i++) {
						own.insert(LedgerCalls.rows(LedgerCalls.of("cv", NOON.plusSeconds(random.nextInt(6) * 3600L)),
								LedgerCalls.of("jd", NOON.plusSeconds(random.nextInt(6) * 3600L))));
					}
				}));
			}
			List<Future<?>> keepers = new ArrayList<>();
			for (int keeper = 0; keeper < 2; keeper++) {
				JdbcLedgerStore own = store();
				keepers.add(executor.submit(() -> {
					while (!writers.stream().allMatch(Future::isDone)) {
						own.addUpHours(NOON.plus(1, ChronoUnit.DAYS));
						own.deleteCalls(NOON.plusSeconds(3 * 3600), Duration.ofMillis(20));
					}
				}));
			}
			long seen = 0;
			while (!writers.stream().allMatch(Future::isDone)) {
				long calls = everything();
				assertThat(calls).isGreaterThanOrEqualTo(seen).isLessThanOrEqualTo(200);
				seen = calls;
			}
			for (Future<?> writer : writers) {
				writer.get();
			}
			for (Future<?> keeper : keepers) {
				keeper.get();
			}
		}
		finally {
			executor.shutdownNow();
		}
		addUp();
		assertThat(everything()).isEqualTo(200);
		assertThat(this.client.sql("SELECT SUM(calls) FROM " + this.tables.hours()).query(Long.class).single())
			.isEqualTo(200);
		assertThat(this.client.sql("SELECT COUNT(*) FROM " + this.tables.changes()).query(Long.class).single())
			.isZero();
	}

	@Test
	void onlyOneAddsUp() throws Exception {
		insert(LedgerCalls.of("cv", NOON));
		try (Connection other = this.dataSource.getConnection(); Statement statement = other.createStatement()) {
			other.setAutoCommit(false);
			statement.execute("SELECT * FROM %s FOR UPDATE".formatted(this.tables.ledger()));
			assertThat(this.store.addUpHours(NOON.plusSeconds(7200))).isZero();
			assertThat(this.store.deleteCalls(NOON.plusSeconds(7200), LONG)).isZero();
			other.rollback();
		}
		assertThat(this.store.addUpHours(NOON.plusSeconds(7200))).isEqualTo(1);
		assertThat(this.store.addUpHours(NOON.plusSeconds(7200))).isZero();
	}

	@Test
	void whoWasSlowerDoesNotWorkOnRowsOfThePast() throws Exception {
		insert(LedgerCalls.of("cv", NOON));
		try (Connection other = this.dataSource.getConnection(); Statement statement = other.createStatement()) {
			other.setAutoCommit(false);
			other.setTransactionIsolation(LedgerDialect.valueOf(this.database.name()).snapshotIsolation());
			statement.executeQuery("SELECT * FROM " + this.tables.calls());
			assertThat(this.store.addUpHours(NOON.plusSeconds(7200))).isEqualTo(1);
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> statement
					.executeQuery("SELECT * FROM %s FOR UPDATE SKIP LOCKED".formatted(this.tables.ledger())))
				.returns("40001", SQLException::getSQLState);
			other.rollback();
		}
	}

	@Test
	void snapshotHasAllTablesAsTheyWereAtItsStart() {
		LedgerDatabase database = new LedgerDatabase(this.dataSource);
		insert(LedgerCalls.of("cv", NOON));
		JdbcClient statements = database.client();
		String deletedBefore = "SELECT COUNT(*) FROM (SELECT c.id FROM %s c WHERE c.started_at < (SELECT l.deleted_before FROM %s l)) s"
			.formatted(this.tables.calls(), this.tables.ledger());
		List<Long> seen = Objects.requireNonNull(database.inSnapshot(true, () -> {
			List<Long> counts = new ArrayList<>();
			counts.add(statements.sql(deletedBefore).query(Long.class).single());
			addUpAndDeleteElsewhere();
			counts.add(statements.sql(deletedBefore).query(Long.class).single());
			counts.add(statements.sql("SELECT COUNT(*) FROM " + this.tables.hours()).query(Long.class).single());
			counts.add(statements.sql("SELECT COUNT(*) FROM " + this.tables.changes()).query(Long.class).single());
			return counts;
		}));
		assertThat(seen).containsExactly(0L, 0L, 0L, 1L);
		assertThat(calls(all())).isEmpty();
	}

	private void addUpAndDeleteElsewhere() {
		CompletableFuture.runAsync(() -> this.store.deleteCalls(NOON.plusSeconds(7200), LONG)).join();
	}

	@Test
	void refusesAllOfBatchWithRowThatItDoesNotTake() {
		TokenCall good = LedgerCalls.of("cv", NOON);
		TokenCall bad = TestCalls.copyOf(good)
			.id(UUID.randomUUID())
			.cost(new TokenCost(new BigDecimal("1e30"), "USD"))
			.build();
		assertThatExceptionOfType(RejectedRowsException.class).isThrownBy(() -> insert(good, bad));
		TokenCall never = TestCalls.copyOf(good).id(UUID.randomUUID()).startedAt(Instant.MAX).build();
		assertThatExceptionOfType(RejectedRowsException.class).isThrownBy(() -> insert(good, never));
		assertThat(calls(all())).isEmpty();
		assertThat(this.client.sql("SELECT COUNT(*) FROM " + this.tables.changes()).query(Long.class).single())
			.isZero();
	}

	@Test
	void turnsThePagesWhileCallsComeIn() {
		List<UUID> ids = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			// Two at a time
			TokenCall call = LedgerCalls.of("cv", NOON.plusNanos(1000 * (i / 2)));
			insert(call);
			ids.add(call.id());
		}
		List<UUID> seen = new ArrayList<>();
		String page = null;
		do {
			TokenLedger.Page calls = this.ledger.calls(all().page(3, page));
			calls.calls().forEach((call) -> seen.add(call.id()));
			page = calls.next();
			insert(LedgerCalls.of("cv", NOON.plusSeconds(60)));
		}
		while (page != null);
		assertThat(seen).containsExactlyInAnyOrderElementsOf(ids).doesNotHaveDuplicates();
		assertThat(calls(all().page(1000, null)))
			.isSortedAccordingTo(Comparator.comparing(TokenCall::startedAt).reversed());
	}

	@Test
	void hasTheDearestFirst() {
		for (int i = 1; i <= 5; i++) {
			insert(TestCalls.copyOf(LedgerCalls.of("f" + i, NOON))
				.id(UUID.randomUUID())
				.cost(new TokenCost(BigDecimal.valueOf(i, 3), "USD"))
				.build());
		}
		insert(LedgerCalls.empty());
		TokenLedger.Page first = this.ledger.calls(all().order(Order.DEAREST).page(3, null));
		TokenLedger.Page second = this.ledger.calls(all().order(Order.DEAREST).page(3, first.next()));
		assertThat(first.calls()).extracting(TokenCall::feature).containsExactly("f5", "f4", "f3");
		assertThat(second.calls()).extracting(TokenCall::feature).containsExactly("f2", "f1");
		assertThat(second.next()).isNull();
		assertThatIllegalArgumentException().isThrownBy(() -> this.ledger.calls(all().page(3, first.next())));
		assertThatIllegalArgumentException().isThrownBy(() -> this.ledger.calls(all().page(3, "%")));
	}

	@Test
	void findsCallsByEachDimensionAndAnyTag() {
		insert(LedgerCalls.full(), LedgerCalls.empty());
		Map<String, String> values = Map.of("feature", LedgerCalls.full().feature(), "model", "gpt-4o-mini-2024-07-18",
				"provider", "openai", "operation", "chat", "outcome", "cancelled", "tag:tenant", "a\"c%m_e\\",
				"tag:user", "o'neill");
		values.forEach((dimension, value) -> {
			assertThat(calls(all().where(dimension, value))).as(dimension)
				.extracting(TokenCall::provider)
				.containsExactly("openai");
			assertThat(calls(all().where(dimension, value + "%"))).as(dimension).isEmpty();
		});
		assertThat(calls(all().where("tag:tenant", "none"))).extracting(TokenCall::provider).containsExactly("unknown");
		assertThat(calls(all().where("tag:tenant", "aXcXmXeX"))).isEmpty();
	}

	@Test
	void tagCannotBeForgedByValueOfAnother() {
		insert(TestCalls.copyOf(LedgerCalls.of("cv", NOON)).tags(Map.of("user", "\",\"tenant\":\"acme")).build(),
				TestCalls.copyOf(LedgerCalls.of("cv", NOON)).tags(Map.of("user", "\"tenant\":\"acme\"")).build());
		assertThat(calls(all().where("tag:tenant", "acme"))).isEmpty();
	}

	@Test
	void saysThatTablesAreMissing() {
		JdbcLedgerStore missing = new JdbcLedgerStore(this.dataSource, new LedgerTables("missing_"), List.of());
		assertThatExceptionOfType(LedgerSetupException.class).isThrownBy(missing::check)
			.withMessageContaining("missing_ledger")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("initialize-schema"));
	}

	@Test
	void saysThatTablesAreOfAnotherVersion() {
		this.store.check();
		this.client.sql("UPDATE %s SET schema_version = 2".formatted(this.tables.ledger())).update();
		assertThatExceptionOfType(LedgerSetupException.class).isThrownBy(this.store::check)
			.withMessageContaining("version 2")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("Upgrade token-counter"));
	}

	@Test
	void scriptCanBeRunAgain() {
		insert(LedgerCalls.of("cv", NOON));
		this.database.create(this.dataSource, this.tables);
		this.store.check();
		assertThat(calls(all())).hasSize(1);
		assertThat(this.client.sql("SELECT COUNT(*) FROM " + this.tables.ledger()).query(Long.class).single())
			.isEqualTo(1);
	}

	@Test
	void tablesCanBeInAnotherSchema() {
		this.client.sql("CREATE SCHEMA IF NOT EXISTS audit").update();
		LedgerTables elsewhere = new LedgerTables("audit." + this.tables.calls());
		this.database.create(this.dataSource, elsewhere);
		JdbcLedgerStore other = new JdbcLedgerStore(this.dataSource, elsewhere, List.of());
		other.check();
		other.insert(LedgerCalls.rows(LedgerCalls.full()));
		assertThat(other.addUpHours(Instant.now())).isEqualTo(1);
	}

	@Test
	void prefixIsNoWayIntoTheStatements() {
		assertThatIllegalArgumentException().isThrownBy(() -> new LedgerTables("x; DROP TABLE y; --"));
		assertThatIllegalArgumentException().isThrownBy(() -> new LedgerTables(""));
	}

	private void insert(TokenCall... calls) {
		List<LedgerRow> rows = LedgerCalls.rows(calls);
		this.store.insert(rows);
	}

	private void addUp() {
		this.store.addUpHours(NOON.plus(10, ChronoUnit.DAYS));
	}

	private TokenHistory single(TokenHistoryQuery query) {
		List<TokenHistory> history = this.ledger.history(query);
		assertThat(history).hasSize(1);
		return history.get(0);
	}

	private long everything() {
		List<TokenHistory> history = this.ledger
			.history(TokenHistoryQuery.between(NOON.minus(5, ChronoUnit.DAYS), NOON.plus(5, ChronoUnit.DAYS)));
		return history.isEmpty() ? 0 : history.get(0).calls();
	}

	private List<TokenCall> calls(TokenCallQuery query) {
		return this.ledger.calls(query).calls();
	}

	private static TokenCallQuery all() {
		return TokenCallQuery.between(Instant.MIN, Instant.MAX);
	}

}

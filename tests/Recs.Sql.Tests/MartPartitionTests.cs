using System.Data.Common;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Storage;
using Recs.Storage.Marts;
using Recs.Storage.Migrations;
using Recs.Storage.Reports;
using Recs.Storage.Sql;
using Recs.Tests;

namespace Recs.Sql.Tests;

/// <summary>The mart of impressions on PostgreSQL, where each day is a table: how it comes from the one table before, who may read it, what leaves it, and what readers see while a day is made again.</summary>
public sealed class MartPartitionTests
{
    /// <summary>The step that makes the partitions.</summary>
    private const int Step = 19;

    private const int Window = 7;

    private const string Rows = """
        select event_id, ordinal, day, kind, category, author, item_created, advertiser, segment, clicks, conversions, conversion_micros, billable, spend_thousandths
        from fct_impression order by event_id, ordinal
        """;

    /// <summary>Rights and policies of the mart, a line each.</summary>
    private const string Rights = """
        select format('%s %s %s %s', a.grantee::regrole, a.privilege_type, a.is_grantable, '') as line from pg_class c cross join aclexplode(c.relacl) a where c.oid = 'fct_impression'::regclass
        union all
        select format('%s %s %s %s', a.grantee::regrole, a.privilege_type, a.is_grantable, t.attname) from pg_attribute t cross join aclexplode(t.attacl) a where t.attrelid = 'fct_impression'::regclass
        union all
        select format('%s %s %s %s %s %s', policyname, permissive, roles, cmd, qual, with_check) from pg_policies where schemaname = current_schema() and tablename = 'fct_impression'
        union all
        select format('row level security %s', relrowsecurity) from pg_class where oid = 'fct_impression'::regclass
        order by line
        """;

    private static readonly Timestamp Noon = Timestamp.From(new DateTimeOffset(2024, 3, 5, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Migrate_StoreWithOneFilledTable_KeepsItsRightsAndMakesEveryDayAgain()
    {
        using var database = TestDatabase.Postgres();
        using var store = AsBefore(database);
        var engine = (SqlStore)store;
        var feed = new RandomFeed(21);
        store.Append(new([.. feed.Events.Select(told => new Fact(told, told.Time))], [], []));
        engine.Execute($"insert into fct_impression (day, hour, event_time, event_id, ordinal, request_id, user_id, segment, surface, position, item_id, kind, price_micros, clicks, likes, hides, conversions, conversion_micros, dwell_ms, billable, spend_thousandths) " +
            "select day, 0, day, event_id, ordinal, 'r', 'u', 's', 'home', position, item_id, 'content', 0, 0, 0, 0, 0, 0, 0, 0, 0 from fact_shown");
        engine.Execute($"insert into mart_state values ('fct_impression', 1, 0, {Window}, 'of the step before'); insert into mart_due values ('fct_impression', date '2024-02-20')");
        var role = Role(database, "viewer");
        engine.Execute($"create role {role}; grant select, insert on fct_impression to {role} with grant option; grant update (clicks, likes) on fct_impression to {role}; " +
            $"create policy theirs on fct_impression as restrictive for all to {role} using (exists (select from mart_setting where window_days > fct_impression.ordinal)) with check (surface = 'home')");
        var before = Ask(store, Rights).Rows;
        Assert.Contains(before, row => ((string)row[0]!).StartsWith("own_ads ", StringComparison.Ordinal));

        store.Migrate();

        Tables.Same(before, Ask(store, Rights));
        Assert.Equal(["p", 0L], Ask(store, "select cast(relkind as text), (select count(*) from fct_impression) from pg_class where oid = 'fct_impression'::regclass").Rows[0]);
        Assert.Empty(new CheckRunner(store).Run("mart_books").Rows);
        Assert.Empty(new CheckRunner(store).Run("fct_impression_grain").Rows);
        Assert.True(store.RefreshMarts().Single().IsRebuilt);
        Tables.Same(RandomFeed.Rows(feed.Events, Window), Ask(store, Rows));
        engine.Execute($"drop owned by {role}; drop role {role}");
    }

    [Fact]
    public void Migrate_StoreWithSomebodysOwnView_IsRefusedWithItsName()
    {
        using var database = TestDatabase.Postgres();
        using var store = AsBefore(database);
        ((SqlStore)store).Execute("create view theirs as select day, count(*) as shown from fct_impression group by day");
        Assert.Contains("theirs", Assert.ThrowsAny<DbException>(store.Migrate).Message, StringComparison.Ordinal);
        Assert.Equal("r", Ask(store, "select cast(relkind as text) from pg_class where oid = 'fct_impression'::regclass").Rows[0][0]);
        ((SqlStore)store).Execute("drop view theirs");
        store.Migrate();
        Assert.Equal("p", Ask(store, "select cast(relkind as text) from pg_class where oid = 'fct_impression'::regclass").Rows[0][0]);
    }

    [Fact]
    public void Days_AskedPastTheMart_ShowReadersNothing()
    {
        using var database = TestDatabase.Postgres();
        using var store = database.Open();
        new SmallShop(3).Fill(store);
        var (engine, role, whole) = ((SqlStore)store, Role(database, "seller"), Ask(store, "select count(*) from fct_impression").Rows[0][0]);
        engine.Execute($"create role {role}; grant recs_advertiser to {role}; insert into advertiser_access values ('{role}', 'adv-1')");
        var own = Ask(store, "select count(*) from fct_impression where advertiser = 'adv-1'").Rows[0][0];
        var days = Ask(store, "select inhrelid::regclass || '' from pg_inherits where inhparent = 'fct_impression'::regclass").Rows.Select(row => (string)row[0]!).ToList();
        Assert.True(days.Count > 1);
        foreach (var reader in new[] { role, "recs_reader", "recs_advertiser" })
        {
            engine.Execute($"set role {reader}");
            Assert.Equal(reader == role ? own : reader == "recs_reader" ? whole : 0L, Ask(store, "select count(day) from fct_impression").Rows[0][0]);
            foreach (var day in days)
            {
                Assert.ThrowsAny<DbException>(() => Ask(store, $"select count(day) from {day}"));
                // Where new tables are readable by default, say: the policies are the mart's, and a day has none that lets anybody in.
                engine.Execute($"reset role; grant select on {day} to {reader}; set role {reader}");
                Assert.Equal(0L, Ask(store, $"select count(day) from {day}").Rows[0][0]);
            }
            engine.Execute("reset role");
        }
        engine.Execute($"drop owned by {role}; drop role {role}");
    }

    [Fact]
    public void ErasureAndRetention_TakeRowsAndWholeDays()
    {
        using var database = TestDatabase.Postgres();
        using var store = database.Open();
        // Two days of one partition, and two of their own.
        Event[] told = [Shown("e1", At(1999, 5, 1), "ann"), Shown("e2", At(1999, 6, 1), "bob"), Shown("e3", At(2024, 3, 1), "ann"), Shown("e4", At(2024, 3, 1), "bob"), Shown("e5", At(2024, 3, 2), "ann")];
        store.Append(new([.. told.Select(source => new Fact(source, source.Time))], [], []));
        store.RefreshMarts();
        Assert.Equal(["fct_impression_20240301", "fct_impression_20240302", "fct_impression_early"], Days());

        Assert.Equal(6, store.Erase(new("ann"), Noon, (_, _) => null)["fct_impression"]);
        Assert.Equal(["e2", "e4"], Ask(store, "select event_id from fct_impression where ordinal = 0 order by event_id").Rows.Select(row => row[0]));
        Assert.Empty(new CheckRunner(store).RunAll());

        Drop(new(1999, 5, 15));
        Assert.Equal(["fct_impression_20240301", "fct_impression_20240302", "fct_impression_early"], Days());
        Assert.Equal(["e2", "e4"], Ask(store, "select event_id from fct_impression where ordinal = 0 order by event_id").Rows.Select(row => row[0]));
        Drop(new(2024, 3, 2));
        Assert.Equal(["fct_impression_20240302"], Days());
        Assert.Empty(Ask(store, "select event_id from fct_impression").Rows);
        Assert.False(store.RefreshMarts().Single().IsRebuilt);
        Assert.Empty(new CheckRunner(store).RunAll());

        IEnumerable<object?> Days() => Ask(store, "select inhrelid::regclass || '' from pg_inherits where inhparent = 'fct_impression'::regclass order by 1").Rows.Select(row => row[0]);

        void Drop(DateOnly day)
        {
            store.KeepFrom(day);
            store.DropBefore(day, new(StateKind.Base, 0, 0, "none", Noon, 0, new Dictionary<GroupPartition, long>(), []));
        }
    }

    [Fact]
    public void RefreshMarts_LateClick_WritesTheRowThatItChanges()
    {
        using var database = TestDatabase.Postgres();
        using var store = database.Open();
        store.Append(new([.. Enumerable.Range(0, 50).Select(n => Shown($"e{n}", Noon, $"u{n}")).Select(source => new Fact(source, source.Time))], [], []));
        store.RefreshMarts();
        var before = Ask(store, "select pg_current_xact_id()::text::bigint").Rows[0][0];
        store.Append(new([new(Click("late", Noon, "u7"), Noon)], [], []));
        var refresh = store.RefreshMarts().Single();
        Assert.Equal((1L, 100L), (refresh.Days, refresh.Rows));
        Assert.Equal(["e7", 0L, 1L], Assert.Single(Ask(store, $"select event_id, ordinal, clicks from fct_impression where xmin::text::bigint > {before}").Rows));
    }

    [Fact]
    public void RefreshMarts_FactsHeldTwice_HoldsWhatAnEmptyMartWould()
    {
        using var database = TestDatabase.Postgres();
        using var store = database.Open();
        store.Append(new([new(Shown("e1", Noon, "ann"), Noon)], [], []));
        store.RefreshMarts();
        foreach (var (damage, rows) in new[] { ("insert into fact_shown select * from fact_shown where ordinal = 1", 3L), ("delete from fact_shown where ctid in (select max(ctid) from fact_shown where ordinal = 1)", 2L) })
        {
            ((SqlStore)store).Execute(damage);
            Assert.Equal(rows, store.RefreshMarts(rebuild: true).Single().Rows);
            Assert.Equal(rows, Ask(store, "select count(*) from fct_impression").Rows[0][0]);
        }
    }

    [Fact]
    public void RefreshMarts_WhileAReportIsOpen_WaitsForNothingAndChangesNothingItSees()
    {
        using var database = TestDatabase.Postgres();
        using (var first = database.Open())
        {
            first.Append(new([new(Shown("e1", Noon, "ann"), Noon)], [], []));
            first.RefreshMarts();
            // Whoever has to wait for the reader fails instead of hanging.
            ((SqlStore)first).Execute("do $$ begin execute format('alter database %I set lock_timeout = ''5s''', current_database()); end $$");
        }
        using var reader = EventStore.Open(database.Url);
        using var writer = EventStore.Open(database.Url + "?connect_timeout=16"); // another pool: connections of the first know no time-out
        Assert.Equal("5s", Ask(writer, "show lock_timeout").Rows[0][0]);
        const string sums = "select count(*), cast(sum(clicks) as bigint) from fct_impression";

        ((SqlStore)reader).Execute("begin isolation level repeatable read");
        Assert.Equal([2L, 0L], Ask(reader, sums).Rows[0]);
        // A click on the day that the reader has read, and a day that has no table yet.
        var tomorrow = Noon.Plus(TimeSpan.FromDays(1));
        store(Click("k1", Noon, "ann"), Shown("e2", tomorrow, "bob"));
        Assert.Equal(2, writer.RefreshMarts().Single().Days);
        Assert.Equal([4L, 1L], Ask(writer, sums).Rows[0]);
        Assert.Equal([2L, 0L], Ask(reader, sums).Rows[0]);
        // Made again while the reader still holds on to how it was.
        store(Click("k2", Noon, "ann"), Click("k3", tomorrow, "bob"));
        Assert.Equal(2, writer.RefreshMarts(rebuild: true).Single().Days);
        Assert.Equal([2L, 0L], Ask(reader, sums).Rows[0]);
        ((SqlStore)reader).Execute("commit work");
        Assert.Equal([4L, 3L], Ask(reader, sums).Rows[0]);

        void store(params Event[] told) => writer.Append(new([.. told.Select(source => new Fact(source, source.Time))], [], []));
    }

    [Fact]
    public async Task RefreshMarts_InTheMiddleOfADay_IsSeenByNobody()
    {
        using var database = TestDatabase.Postgres();
        using var writer = database.Open();
        writer.Append(new([new(Shown("e1", Noon, "ann"), Noon)], [], []));
        writer.RefreshMarts();
        using var holder = EventStore.Open(database.Url);
        using var reader = EventStore.Open(database.Url);
        const string sums = "select count(*), cast(sum(clicks) as bigint) from fct_impression";
        var tomorrow = Noon.Plus(TimeSpan.FromDays(1));
        writer.Append(new([new(Click("k1", Noon, "ann"), Noon), new(Shown("e2", tomorrow, "bob"), tomorrow)], [], []));
        // The last thing that a transaction of the job does is to strike its days off: there it has to wait, with all rows written.
        ((SqlStore)holder).Execute("insert into mart_due values ('fct_impression', date '2024-03-05'), ('fct_impression', date '2024-03-06')");
        ((SqlStore)holder).Execute("begin work");
        Assert.Equal(2, Ask(holder, "select day from mart_due for update").Rows.Count);

        var refresh = Task.Run(() => writer.RefreshMarts());
        while (!refresh.IsCompleted && Ask(reader, "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'delete from mart_due%'").Rows.Count == 0) await Task.Yield();
        Assert.False(refresh.IsCompleted);
        Assert.Equal([2L, 0L], Ask(reader, sums).Rows[0]);
        ((SqlStore)holder).Execute("commit work");
        Assert.Equal(2, (await refresh).Single().Days);
        Assert.Equal([4L, 1L], Ask(reader, sums).Rows[0]);
    }

    /// <summary>A store that every step before the one that makes partitions has run on.</summary>
    private static IRecsStore AsBefore(TestDatabase database)
    {
        var store = EventStore.Open(database.Url);
        var engine = (SqlStore)store;
        engine.Execute("create table schema_migration (version integer not null primary key, name text not null, checksum text not null); create table schema_view (name text not null primary key, checksum text not null)");
        foreach (var step in Migration.In("sql/schema", "sql/postgres/schema").Where(step => step.Version < Step))
        {
            engine.Execute(step.Text);
            engine.Execute($"insert into schema_migration values ({step.Version}, '{step.Name}', '{step.Checksum}')");
        }
        foreach (var view in ViewMart.All)
        {
            engine.Execute($"create view {view.Name} as\n{view.Select}");
            engine.Execute($"insert into schema_view values ('{view.Name}', '{view.Checksum}')");
        }
        return store;
    }

    /// <summary>Roles belong to the server: each test has its own.</summary>
    private static string Role(TestDatabase database, string what) => $"{what}_{database.Url[(database.Url.LastIndexOf('/') + 1)..]}";

    private static Timestamp At(int year, int month, int day) => Timestamp.From(new DateTimeOffset(year, month, day, 12, 0, 0, TimeSpan.Zero));

    private static Impression Shown(string id, Timestamp time, string user) => new(new(id), time, new($"r-{user}"), new(user), "home", [new(new("shoe"), 1, null, 0), new(new("hat"), 2, null, 0)]);

    private static Interaction Click(string id, Timestamp time, string user) => new(new(id), time, new RequestId($"r-{user}"), new(user), new("shoe"), InteractionType.Click, 0, 0);

    private static Table Ask(IRecsStore store, string sql) => store.Query(sql, new Dictionary<string, object>());
}

using Recs.Storage;
using Recs.Storage.Reports;
using Recs.Storage.Sql;

namespace Recs.Sql.Tests;

/// <summary>Checks are silent on sound data, and each speaks up on the fault it is there for.</summary>
public sealed class CheckTests
{
    /// <summary>Check, and a statement that plants its fault.</summary>
    public static TheoryData<string, string> Faults => new()
    {
        { "fact_once", "insert into fact select * from fact where event_id = 'p003'" },
        { "fact_day", "update fact set day = date '2001-01-01' where event_id = 'n3'" },
        { "item_has_row", "delete from fact_item where event_id = 'e3-1'" },
        { "item_has_row", "insert into fact_item select * from fact_item where event_id = 'e3-1'" },
        { "shown_has_impression", "delete from fact where event_id = 'p003'" },
        { "shown_has_impression", "delete from fact_shown where event_id = 'p003'" },
        { "shown_once", "update fact_shown set item_id = 'i1' where event_id = 'p003'" },
        { "shown_once", "delete from fact_shown where event_id = 'p003' and ordinal = 2" },
        { "propensity_in_range", "update fact_shown set propensity = 0 where event_id = 'p003' and ordinal = 1" },
        { "propensity_in_range", "update fact_shown set propensity = 1.01 where event_id = 'p003' and ordinal = 1" },
        { "price_within_bid", "update fact_shown set price_micros = 20002 where item_id = 'i2'" },
        { "price_within_bid", "update fact_shown set price_micros = 1 where item_id = 'i1'" },
        { "clicks_within_impressions", "insert into fact select day, 'x' || event_id, type, event_time, known_time, user_id, 'i' || event_id, 'r3', surface, 1, value_micros, dwell_ms, payload, batch from fact where type = 4" },
        { "fct_impression_grain", "insert into fct_impression select * from fct_impression where event_id = 'p003'" },
        { "fct_impression_grain", "delete from fct_impression where event_id = 'p003' and ordinal = 2" },
        { "spend_conserved", "update fct_impression set spend_thousandths = spend_thousandths + 1 where billable = 1 and bid_per = 'click'" },
        { "spend_conserved", "update fct_impression set spend_thousandths = 0 where bid_per = 'thousand'" },
        { "spend_conserved", "delete from fct_impression where billable = 1 and bid_per = 'conversion'" },
        { "decision_propensity", "insert into decision_place values ('d1', date '2011-11-05', 1, 'i1', 'content', 0.5, 0, null, 0, 0)" },
        { "decision_propensity", "insert into decision_place values ('d1', date '2011-11-05', 1, 'i1', 'content', 0.5, 1, null, 0, 0), ('d1', date '2011-11-05', 1, 'i2', 'content', 0.5, 1, null, 0, 0)" },
        { "budget_held", "update fct_impression set daily_budget_micros = 10000 where bid_per = 'click'" },
        { "budget_held", "update fct_impression set daily_budget_micros = 10 where bid_per = 'thousand'" },
        { "budget_held", "update fct_impression set daily_budget_micros = 10000 where bid_per = 'conversion'" },
        { "mart_books", "delete from fct_impression where event_id = 'p003'" },
        { "mart_books", "insert into fct_impression select * from fct_impression where event_id = 'p003'" },
        { "mart_books", "update fct_impression set day = date '2001-01-01' where event_id = 'p003'" },
        { "mart_books", "delete from mart_state" },
        { "mart_books", "insert into mart_due values ('fct_click', date '2011-11-05')" },
        { "mart_books", "update mart_state set epoch = 99" },
        { "mart_books", "delete from item_cluster where item_id = 'i3'" },
        { "mart_books", "delete from item_cluster" },
        { "mart_books", "delete from item_cluster_state" },
        { "mart_books", "update item_cluster set cluster = cluster + 1 where cluster > 1" },
        { "mart_books", "update item_cluster set cosine = 1.5 where item_id = 'i3'" },
        { "mart_grain", "insert into fact select * from fact where type = 4 and action = 1" },
        { "mart_grain", "insert into fact select * from fact where type = 4 and action = 8" },
        { "score_in_range", "insert into score values ('m', 'u', 'i', 1.5, 1, 'e', timestamp '2011-11-05 00:00:00')" },
        { "score_in_range", "insert into score select 'm', 'u', item_id, 0.5, 1, 'e', event_time from fact_item where event_id in ('e1-0', 'e2-0')" },
    };

    [Fact]
    public void RunAll_SoundData_IsSilent()
    {
        using var store = Filled();
        Assert.Empty(new CheckRunner(store).RunAll());
    }

    [Fact]
    public void Faults_OfEveryCheck_ArePlanted() =>
        Assert.Equal(CheckRunner.Names, Faults.Select(row => row.Data.Item1).Distinct().Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Faults))]
    public void Run_PlantedFault_ReturnsIt(string check, string fault)
    {
        using var store = Filled();
        ((SqlStore)store).Execute(fault);
        Assert.NotEmpty(new CheckRunner(store).Run(check).Rows);
    }

    private static IRecsStore Filled()
    {
        var store = EventStore.Open("duckdb::memory:");
        store.Migrate();
        new SmallShop(7).Fill(store);
        return store;
    }
}

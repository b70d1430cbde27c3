using System.Text.Json;
using Recs.Features.State;
using Recs.Ingest;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Pipelines.Tests.State;
using Recs.Storage;

namespace Recs.Pipelines.Tests.Reports;

[Collection(nameof(ConsoleTests))]
public sealed class ReportVerbTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Report_NoName_ListsReports()
    {
        var said = await RecsProgram.Succeed("report");
        Assert.Contains("funnel ", said, StringComparison.Ordinal);
        Assert.Contains("spend ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_Formats_SameRows()
    {
        var url = SmallStore.Make(_folder.In("a.duckdb"), SmallStore.Facts());
        var table = (await RecsProgram.Succeed("report", "funnel", "--db", url)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var csv = (await RecsProgram.Succeed("report", "funnel", "--db", url, "--format", "csv")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await RecsProgram.Succeed("report", "funnel", "--db", url, "--format", "json", "--output", _folder.In("funnel.json"));
        var rows = JsonDocument.Parse(File.ReadAllText(_folder.In("funnel.json"))).RootElement.GetProperty("rows");

        Assert.True(rows.GetArrayLength() > 1);
        Assert.Equal(rows.GetArrayLength() + 1, csv.Length);
        Assert.Equal(csv.Length, table.Length);
        Assert.Equal(csv[0].Split(','), table[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(60, rows.EnumerateArray().Sum(row => row.GetProperty("shown").GetInt64()));
    }

    [Fact]
    public async Task Report_Parameter_NarrowsTheDays()
    {
        var url = SmallStore.Make(_folder.In("a.duckdb"), SmallStore.Facts());
        Assert.Contains("has no data for from 2012-01-01", await RecsProgram.Fail(1, "report", "funnel", "--db", url, "--from", "2012-01-01"), StringComparison.Ordinal);
        Assert.Contains("from is given twice", await RecsProgram.Fail(1, "report", "funnel", "--db", url, "--from", "2012-01-01", "--param", "from=2012-01-01"), StringComparison.Ordinal);
        Assert.Contains("did you mean hour", await RecsProgram.Fail(1, "report", "click-through", "--db", url, "--by", "hours"), StringComparison.Ordinal);
        Assert.Equal("value,shown", (await RecsProgram.Succeed("report", "click-through", "--db", url, "--by", "position", "--format", "csv"))[..11]);
        Assert.Contains("expected a date", await RecsProgram.Fail(1, "report", "funnel", "--db", url, "--param", "from=soon"), StringComparison.Ordinal);
        Assert.Contains("has no parameter 'frm'", await RecsProgram.Fail(1, "report", "funnel", "--db", url, "--param", "frm=2012-01-01"), StringComparison.Ordinal);
        Assert.Contains("is not NAME=VALUE", await RecsProgram.Fail(1, "report", "funnel", "--db", url, "--param", "from"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_Html_HoldsRowsAndChart()
    {
        var url = SmallStore.Make(_folder.In("a.duckdb"), SmallStore.Facts());
        await RecsProgram.Succeed("report", "funnel", "--db", url, "--format", "html", "--output", _folder.In("funnel.html"));
        var page = File.ReadAllText(_folder.In("funnel.html"));
        Assert.Contains("<polyline", page, StringComparison.Ordinal);
        Assert.Contains("<th>click_rate</th>", page, StringComparison.Ordinal);
        Assert.Contains("clicks per shown item by hour", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_MartAndReport_ArrowAndParquetHoldTheSameRows()
    {
        var url = SmallStore.Make(_folder.In("a.duckdb"), SmallStore.Facts());
        foreach (var (name, rows) in new[] { ("fct_impression", 60), ("dim_item", -1), ("freshness", -1) })
        {
            Assert.Contains($"rows of {name}", await RecsProgram.Succeed("export", name, "--db", url, "--output", _folder.In(name + ".arrow")), StringComparison.Ordinal);
            await RecsProgram.Succeed("export", name, "--db", url, "--output", _folder.In(name + ".parquet"));
            using var file = Recs.Storage.Parquet.ParquetFile.Open(_folder.In(name + ".parquet"));
            using var stream = File.OpenRead(_folder.In(name + ".arrow"));
            using var arrow = new Apache.Arrow.Ipc.ArrowFileReader(stream);
            var counted = 0L;
            while (arrow.ReadNextRecordBatch() is { } batch)
            {
                using (batch) counted += batch.Length;
            }
            Assert.Equal(file.RowCount, counted);
            Assert.Equal(file.Columns.Select(column => column.Name), arrow.Schema.FieldsList.Select(field => field.Name));
            if (rows >= 0) Assert.Equal(rows, counted);
            Assert.True(counted > 0);
        }
        Assert.Contains("expected .arrow or .parquet", await RecsProgram.Fail(1, "export", "dim_item", "--db", url, "--output", _folder.In("a.csv")), StringComparison.Ordinal);
        Assert.Contains("did you mean dim_item", await RecsProgram.Fail(1, "export", "dim_itm", "--db", url, "--output", _folder.In("a.arrow")), StringComparison.Ordinal);
        Assert.Contains("has no days", await RecsProgram.Fail(1, "export", "dim_item", "--db", url, "--from", "2011-11-05", "--output", _folder.In("a.arrow")), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.In("a.arrow")));
    }

    [Fact]
    public async Task Report_UnknownName_OneLine() =>
        Assert.Contains("did you mean funnel", await RecsProgram.Fail(1, "report", "funel", "--db", "duckdb::memory:"), StringComparison.Ordinal);

    [Fact]
    public async Task Report_UnknownFormat_IsWrongUsage() => await RecsProgram.Fail(2, "report", "funnel", "--db", "duckdb::memory:", "--format", "xml");

    [Fact]
    public async Task Check_SoundAndBrokenStore_TellsThemApart()
    {
        var facts = SmallStore.Facts();
        Assert.Contains("hold", await RecsProgram.Succeed("check", "--db", SmallStore.Make(_folder.In("a.duckdb"), facts)), StringComparison.Ordinal);

        var twice = (Recs.Domain.Events.Interaction)facts[^1].Event;
        facts.AddRange(Enumerable.Range(3, 3).Select(n => new Recs.Domain.Events.Fact(twice with { Id = new($"more-{n}"), Item = new($"i{n}") }, facts[^1].Known)));
        var (code, said, _) = await RecsProgram.Run("check", "--db", SmallStore.Make(_folder.In("b.duckdb"), facts), "--json", _folder.In("check.json"));
        Assert.Equal(1, code);
        Assert.Contains("clicks_within_impressions  1 rows found", said, StringComparison.Ordinal);
        Assert.False(JsonDocument.Parse(File.ReadAllText(_folder.In("check.json"))).RootElement.GetProperty("sound").GetBoolean());
    }

    [Fact]
    public async Task Check_Snapshot_IsComparedWithAReplay()
    {
        var (facts, json) = (SmallStore.Facts(), _folder.In("check.json"));
        var url = SmallStore.Make(_folder.In("a.duckdb"), facts[..40]);
        Assert.Contains("state_digest               not compared: the store has no snapshot", await RecsProgram.Succeed("check", "--db", url, "--json", json), StringComparison.Ordinal);
        Assert.False(Checks().TryGetProperty("state_digest", out _));
        await RecsProgram.Succeed("state", "--db", url, "--save");
        using (var store = EventStore.Open(url)) store.Append(new(facts[40..], [], []));
        Assert.Contains($"are the fold of all {facts.Count} facts", await RecsProgram.Succeed("check", "--db", url, "--json", json), StringComparison.Ordinal);
        Assert.Equal(0, Checks().GetProperty("state_digest").GetInt32());

        // A snapshot that lacks an event which it says it holds.
        Keep(kept => StoredFold.ToStored(StateKind.Snapshot, FoldedState.Of(facts[1..40].Select(fact => fact.Event)), kept.Batch, kept.Epoch, kept.Offsets, TimeProvider.System));
        var (code, said, _) = await RecsProgram.Run("check", "--db", url, "--json", json);
        Assert.Equal(1, code);
        Assert.Contains("state_digest               DIFFERENT: the snapshot of", said, StringComparison.Ordinal);
        Assert.Contains($"of {facts.Count - 1} facts, all facts folded from the beginning have", said, StringComparison.Ordinal);
        Assert.Equal(1, Checks().GetProperty("state_digest").GetInt32());

        Keep(kept => kept with { Bytes = [.. kept.Bytes.Take(kept.Bytes.Length / 2)] });
        (code, said, _) = await RecsProgram.Run("check", "--db", url);
        Assert.Equal(1, code);
        Assert.Contains("state_digest               DIFFERENT: the snapshot is damaged", said, StringComparison.Ordinal);

        Keep(kept => kept with { Layout = "state 0" });
        Assert.Contains("is another build's ('state 0'", await RecsProgram.Succeed("check", "--db", url), StringComparison.Ordinal);
        await RecsProgram.Succeed("replay", "--db", url);
        Assert.Contains("are the fold of all", await RecsProgram.Succeed("check", "--db", url), StringComparison.Ordinal);

        JsonElement Checks() => JsonDocument.Parse(File.ReadAllText(json)).RootElement.GetProperty("checks");

        void Keep(Func<StoredState, StoredState> change)
        {
            using var store = EventStore.Open(url);
            store.SaveState(change(store.FindState(StateKind.Snapshot)!));
        }
    }

    [Fact]
    public async Task Marts_WithEmbeddings_MakesClustersOnce()
    {
        var url = SmallStore.Make(_folder.In("a.duckdb"), SmallStore.Facts());
        Assert.Contains("dim_item_cluster: no embeddings", await RecsProgram.Succeed("marts", "--db", url), StringComparison.Ordinal);
        Assert.Contains("has no data", await RecsProgram.Fail(1, "report", "clusters", "--db", url), StringComparison.Ordinal);
        using (var store = EventStore.Open(url)) store.SaveEmbeddings([new(new("i1"), "v", "", [1, 0]), new(new("i2"), "v", "", [0, 1])]);
        Assert.Equal(2, (await RecsProgram.Succeed("report", "clusters", "--db", url, "--format", "csv")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length - 1); // a report that needs them makes them
        Assert.Contains("dim_item_cluster: up to date with version v, 2 items in 2 clusters", await RecsProgram.Succeed("marts", "--db", url, "--json", _folder.In("marts.json")), StringComparison.Ordinal);
        Assert.False(JsonDocument.Parse(File.ReadAllText(_folder.In("marts.json"))).RootElement.GetProperty("clusters").GetProperty("is_made").GetBoolean());
        Assert.Contains("dim_item_cluster: made of version v", await RecsProgram.Succeed("marts", "--db", url, "--rebuild"), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}

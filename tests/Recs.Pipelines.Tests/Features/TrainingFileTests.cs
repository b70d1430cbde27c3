using Recs.Domain.Events;
using Recs.Features;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Pipelines.Tests.State;
using Recs.Ranker.Training;
using Recs.Storage.Parquet;

namespace Recs.Pipelines.Tests.Features;

[Collection(nameof(ConsoleTests))]
public sealed class TrainingFileTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Features_OfAStore_AreTheReplayedRowsWithSchemaAndLabels()
    {
        var url = SmallStore.Make(_folder.In("a.duckdb"), SmallStore.Facts());
        var features = _folder.Write("f.yaml", "version: 1\nfeatures: [learned_rates, item_demand, liking_streak]");
        await RecsProgram.Succeed("features", "--db", url, "--labels", "click", "--features", features, "--output", _folder.In("rows.parquet"));

        var schema = FeatureSchema.Of([new("learned_rates"), new("item_demand"), new("liking_streak")]);
        var expected = new TrainingReplay(SmallStore.Facts(), InteractionType.Click, null) { Schema = schema }.Run();
        using var file = ParquetFile.Open(_folder.In("rows.parquet"));
        Assert.Equal((schema.Hash, "none", "click"), (file.Metadata["recs.feature_schema"], file.Metadata["recs.embedding_version"], file.Metadata["recs.label"]));
        ParquetColumn[] columns = [new("item", ParquetType.Text), new("label", ParquetType.Bool), .. schema.Columns.Select(name => new ParquetColumn(name, ParquetType.Float))];
        var row = 0;
        foreach (var batch in file.Read(columns))
            for (var at = 0; at < batch.Count; at++, row++)
            {
                Assert.Equal(expected.Items[row].Value, batch.Texts(0)[at]);
                for (var column = 0; column < schema.Width; column++) Assert.Equal(expected.Row(row)[column], batch.Floats(column + 2)[at]);
            }
        Assert.Equal((60, 60), (row, expected.Rows));
    }

    [Theory]
    [InlineData(2, "--labels", "click")]
    [InlineData(2, "--db", "duckdb:x", "--labels", "click", "--snapshot", "y", "--model", "z")]
    [InlineData(2, "--snapshot", "y")]
    [InlineData(1, "--db", "duckdb:nowhere", "--labels", "stare")]
    [InlineData(1, "--db", "duckdb:nowhere", "--labels", "click")]
    public async Task Features_WrongOptions_AreRefused(int expected, params string[] options) =>
        Assert.Equal(expected, (await RecsProgram.Run(["features", .. options, "--output", _folder.In("rows.parquet")])).Code);

    public void Dispose() => _folder.Dispose();
}

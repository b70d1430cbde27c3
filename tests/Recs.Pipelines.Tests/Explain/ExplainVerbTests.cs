using System.Text.Json;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Features;
using Recs.Features.Embedding;
using Recs.Pipelines.Explain;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Pipelines.Tests.State;
using Recs.Pipelines.Tests.Train;
using Recs.Ranker.Model;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Tests.Explain;

[Collection(nameof(ConsoleTests))]
public sealed class ExplainVerbTests : IDisposable
{
    private static readonly FeatureSchema Every = FeatureSchema.Of(FeatureSchema.Known.Select(known => new FeatureChoice(known.Name, new Dictionary<string, double>(), known.NeedsAttribute ? "year" : null)))
        .Fit(new ItemVectors(Embeddings()));

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Row_ImpressionsOfALog_AreTheRowsOfTrainingBitForBitAndSumUpToTheScore()
    {
        var facts = Facts(300);
        var vectors = new ItemVectors(Embeddings());
        var set = new TrainingReplay(facts, InteractionType.Click, vectors) { Schema = Every }.Run();
        var head = HeadTrainer.Train(set, ..800, 800.., InteractionType.Click, null, new TrainingOptions { Learner = Learner.FastTree, Leaves = 7, Trees = 15, RowsPerLeaf = 20 });
        RankerModel.Save(_folder.In("model"), [head], "v1");
        var model = RankerModel.Load(_folder.In("model")); // with what vector_slice found
        Assert.Equal(Every.Hash, model.Schema.Hash);
        var shares = 0;
        foreach (var group in set.Groups.Where((_, at) => at % 23 == 5))
            for (var row = group.First; row < group.First + group.Count; row++)
            {
                var explained = ExplainedRow.Of(facts, RowQuestion.OfRequest(facts, group.Request, set.Items[row]), model, vectors, default);
                var values = explained.Columns.ToDictionary(column => column.Column, column => column.Value);
                Assert.Equal(set.Row(row).ToArray(), Every.Columns.Select(name => values[name]));
                var click = explained.Heads["click"];
                Assert.Equal(head.Head.Probability(set.Row(row)), click.Predicted);
                Assert.Equal(click.Score, click.Average!.Value + explained.Columns.Sum(column => column.Contributions["click"]), 1e-9);
                Assert.Equal(explained.Columns.Select(column => Math.Abs(column.Contributions["click"])).OrderDescending(), explained.Columns.Select(column => Math.Abs(column.Contributions["click"])));
                shares += explained.Columns.Count(column => column.Contributions["click"] != 0);
            }
        Assert.True(shares > 100);
    }

    [Fact]
    public async Task Explain_FromAStore_TellsARequestAndAMoment()
    {
        var facts = Facts(400);
        var url = SmallStore.Make(_folder.In("a.duckdb"), facts);
        _folder.Write("f.yaml", "version: 1\nfeatures: [item_demand, item_age, user_activity, position]\n");
        var config = _folder.Write("train.yaml", "features: f.yaml\nheads: [click]\nlearner: fasttree\noptions: { leaves: 7, trees: 20, rows_per_leaf: 20, learning_rate: 0.2 }\n");
        await RecsProgram.Succeed("train", "--db", url, "--config", config, "--output", _folder.In("model"));
        var shown = facts.Select(fact => fact.Event).OfType<Impression>().Single(impression => impression.Request.Value == "r250");
        var (item, place) = (shown.Items[2].Item.Value, shown.Items[2].Position);

        var said = await RecsProgram.Succeed("explain", "row", "--db", url, "--model", _folder.In("model"), "--request", "r250", "--item", item, "--json", _folder.In("e.json"));
        Assert.Contains($"item {item} for user {shown.User}", said, StringComparison.Ordinal);
        Assert.Contains("adds to click", said, StringComparison.Ordinal);
        var told = JsonDocument.Parse(File.ReadAllText(_folder.In("e.json"))).RootElement;
        var columns = told.GetProperty("columns").EnumerateArray().ToDictionary(column => column.GetProperty("column").GetString()!, column => column);
        Assert.Equal(17 + 1, columns.Count);
        Assert.Equal(place, columns["position"].GetProperty("value").GetSingle());
        Assert.Equal("item_demand", columns["item_rate_total"].GetProperty("feature").GetString());
        Assert.Contains("prior", columns["item_rate_total"].GetProperty("how").GetString(), StringComparison.Ordinal);
        Assert.Equal(told.GetProperty("heads").GetProperty("click").GetProperty("score").GetDouble(),
            told.GetProperty("heads").GetProperty("click").GetProperty("average").GetDouble() + columns.Values.Sum(column => column.GetProperty("contributions").GetProperty("click").GetDouble()), 1e-9);

        // Asked for as a moment it is the same row, but for the place, which serving fixes.
        await RecsProgram.Succeed("explain", "row", "--db", url, "--model", _folder.In("model"), "--user", shown.User.Value, "--item", item, "--time", shown.Time.ToString(), "--surface", "home", "--json", _folder.In("m.json"));
        var moment = JsonDocument.Parse(File.ReadAllText(_folder.In("m.json"))).RootElement.GetProperty("columns").EnumerateArray().ToDictionary(column => column.GetProperty("column").GetString()!, column => column.GetProperty("value").GetSingle());
        foreach (var (name, column) in columns) Assert.Equal(name == "position" ? 1 : column.GetProperty("value").GetSingle(), moment[name]);

        async Task Refused(string message, params string[] asked) =>
            Assert.Contains(message, await RecsProgram.Fail(1, ["explain", "row", "--db", url, "--model", _folder.In("model"), .. asked]), StringComparison.Ordinal);
        await Refused("no impression of request nothing", "--request", "nothing", "--item", item);
        await Refused("request r250 did not show item i99; it showed i", "--request", "r250", "--item", "i99");
        await Refused("name a row", "--item", item);
        await Refused("name a row", "--item", item, "--user", "u1");
        await Refused("name a row", "--item", item, "--request", "r250", "--user", "u1", "--time", "2024-03-10");
        await Refused("'then' is no moment", "--item", item, "--user", "u1", "--time", "then");
    }

    /// <summary>A feed in which some clicks become known two days late.</summary>
    private static List<Fact> Facts(int impressions) =>
        [.. SmallFeed.Facts(6, impressions).Select((fact, at) => fact.Event is Interaction && at % 7 == 0 ? fact with { Known = fact.Known.Plus(TimeSpan.FromDays(2)) } : fact)
            .OrderBy(fact => fact.Known.Milliseconds).ThenBy(fact => fact.Event.Time.Milliseconds).ThenBy(fact => fact.Event.Id.Value, StringComparer.Ordinal)];

    private static List<ItemEmbedding> Embeddings()
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, 18).Select(item =>
        {
            var vector = Enumerable.Range(0, 8).Select(_ => random.NextSingle() - 0.5f).ToArray();
            var norm = MathF.Sqrt(vector.Sum(x => x * x));
            return new ItemEmbedding(new($"i{item}"), "v1", "", [.. vector.Select(x => x / norm)], $"{item % 3}-{item % 2}");
        })];
    }
}

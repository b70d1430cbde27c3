using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Features;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.State;
using Recs.Ranker.Model;
using Recs.Ranker.Slates;
using Recs.Ranker.Training;

namespace Recs.Api.Tests;

/// <summary>
/// Training and serving read the same rows: what the server answers over HTTP at the moment of a logged impression is what the model makes of the row that training replay wrote for
/// it, and the rows that ranking gathers are those rows, bit for bit, with every feature of the build, affinity tables and vectors. The place alone differs, by design: it is 1.
/// </summary>
public sealed class SkewTests
{
    private static readonly FeatureSchema Every = FeatureSchema.Of(FeatureSchema.Known.Select(known => new FeatureChoice(known.Name, new Dictionary<string, double>(), known.NeedsAttribute ? "country" : null)))
        .Fit(new ItemVectors(TinyShop.Embeddings));

    private static readonly int Position = Every.Find("position");

    private static readonly TrainingSet Set = new TrainingReplay(TinyShop.Facts, InteractionType.Conversion, new ItemVectors(TinyShop.Embeddings)) { Workers = 2, Schema = Every }.Run();

    [Fact]
    public async Task Rank_OverHttp_ScoresTheRowsOfTraining()
    {
        var model = Model();
        foreach (var group in Impressions())
        {
            var before = Before(group.Time);
            await using var shop = await ServedShop.Start(follow: false, clock: new StandingClock(group.Time), facts: before, model: model);
            var rows = Rows(group);
            var answer = await shop.Rank($$"""{"user":"{{group.User}}","surface":"home","n":20,"kinds":["content"],"candidates":[{{string.Join(',', rows.Keys.Select(item => $"\"{item}\""))}}]}""");
            var slate = answer.GetProperty("slate").EnumerateArray().ToList();
            Assert.Equal(rows.Keys.Select(item => item.Value).Order(StringComparer.Ordinal), slate.Select(entry => entry.GetProperty("item").GetString()!).Order(StringComparer.Ordinal));
            foreach (var entry in slate)
                foreach (var (name, action) in new[] { ("conversion", InteractionType.Conversion), ("click", InteractionType.Click) })
                    Assert.Equal(model.Head(action)!.Probability(rows[new(entry.GetProperty("item").GetString()!)]), entry.GetProperty("heads").GetProperty(name).GetDouble());
        }
    }

    [Fact]
    public void Gather_AtTheMomentOfAnImpression_ReadsTheRowsOfTrainingBitForBit()
    {
        var model = Model();
        foreach (var group in Impressions())
        {
            var (state, spend, exposures) = (new RankingState(), new SpendLedger(), new ExposureLedger());
            foreach (var (source, _) in Before(group.Time))
            {
                state.Apply(source);
                spend.Apply(source);
                exposures.Apply(source);
            }
            var ranker = new SlateRanker(state, spend, exposures, model)
            {
                Affinity = AffinitySchedule.Tables(TinyShop.Facts, [group.Time], Every.NeedsRatings).Values.Single(),
                Vectors = new ItemVectors(TinyShop.Embeddings),
            };
            var rows = Rows(group);
            using var gathered = ranker.Gather(new RankRequest(group.User, "home", 20, [ItemKind.Content], [.. rows.Keys], false, group.Time));
            Assert.Equal(rows.Count, gathered.Subjects);
            foreach (var contender in gathered.Contenders)
                Assert.Equal(rows[contender.Id].Select(BitConverter.SingleToInt32Bits), gathered.Rows.Slice(contender.Subject * Every.Width, Every.Width).ToArray().Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Fact]
    public void Logistic_EveryColumnThatMoves_MovesTheAnswer()
    {
        // What makes the first test able to fail: no column is without weight.
        var head = Model().Head(InteractionType.Click)!;
        var row = Set.Row(Set.Rows - 1).ToArray();
        var silent = new List<string>();
        for (var column = 0; column < row.Length; column++)
        {
            if (Enumerable.Range(0, 4_000).All(other => Set.Row(other)[column] == Set.Row(0)[column])) continue;
            var moved = row.ToArray();
            moved[column] += 0.01f;
            if (head.Score(moved) == head.Score(row)) silent.Add(Every.Columns[column]);
        }
        Assert.Empty(silent);
    }

    // From the second week on, when there is something to remember.
    private static IEnumerable<TrainingGroup> Impressions() => new[] { 130, 277, 401, 499 }.Select(at => Set.Groups[at]);

    private static List<Fact> Before(Timestamp moment) => [.. TinyShop.Facts.Where(fact => fact.Known < moment)];

    private static Dictionary<ItemId, float[]> Rows(TrainingGroup group) => Enumerable.Range(group.First, group.Count).ToDictionary(row => Set.Items[row], row =>
    {
        var features = Set.Row(row).ToArray();
        Assert.InRange(features[Position], 1, 11);
        features[Position] = 1;
        return features;
    });

    private static RankerModel Model()
    {
        TrainedHead Head(InteractionType action, Learner learner) =>
            HeadTrainer.Train(Set, ..4_000, 4_000.., action, null, new TrainingOptions { Learner = learner, Trees = 20, Leaves = 8, RowsPerLeaf = 20, LogisticL2 = 0.1 });
        var folder = Path.Combine(Directory.CreateTempSubdirectory("recs-api-test-").FullName, "model");
        try
        {
            return RankerModel.Save(folder, [Head(InteractionType.Conversion, Learner.FastTree), Head(InteractionType.Click, Learner.Logistic)], "tiny");
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
        }
    }

    /// <summary>Stands still at a moment.</summary>
    private sealed class StandingClock(Timestamp moment) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => moment.ToDateTimeOffset();
    }
}

using System.Globalization;
using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Features;
using Recs.Features.Embedding;
using Recs.Pipelines.Bench.Ingest;
using Recs.Ranker.Model;
using Recs.Ranker.Training;
using Recs.Storage;

namespace Recs.Pipelines.Bench.Api;

/// <summary>What the API is measured on: the made-up traffic of a feed with a full catalogue, ads, vectors of every item, and a model that learnt from it.</summary>
/// <param name="events">Of the traffic.</param>
/// <param name="ads">Ads.</param>
/// <param name="dimensions">Of a vector.</param>
internal sealed class ApiBenchWorld(int events, int ads, int dimensions)
{
    /// <summary>As many as <see cref="FeedTraffic"/> draws from.</summary>
    public const int Items = 20_000;

    private const string Vectors = "bench";

    /// <summary>Rows are made of so many of the last events.</summary>
    private const int LearntFrom = 60_000;

    /// <summary>Fills the store and learns the model.</summary>
    /// <returns>The model, and the moment to rank at: a day after the last event, since lists of what is wanted count earlier days.</returns>
    public (RankerModel Model, Timestamp Now) Fill(IRecsStore store, string folder, CancellationToken cancel)
    {
        var random = new Random(11);
        List<Fact> facts = [.. new FeedTraffic(3).Events(0, events)];
        var begin = facts[0].Event.Time;
        facts.InsertRange(0, Enumerable.Range(0, Items).Select(i => Known(Content(i), begin)).Concat(Enumerable.Range(0, ads).Select(i => Known(Ad(i, random), begin))));
        foreach (var batch in facts.Chunk(50_000))
        {
            cancel.ThrowIfCancellationRequested();
            store.Append(new AppendBatch(batch, [], []));
        }
        List<ItemEmbedding> embeddings = [.. Enumerable.Range(0, Items).Select(i => new ItemEmbedding(new(Name("item", i)), Vectors, "", Unit(random)))];
        store.SaveEmbeddings(embeddings);
        var from = facts[^Math.Min(LearntFrom, facts.Count / 2)].Event.Time;
        List<TrainedHead> heads = [];
        foreach (var action in new[] { InteractionType.Click, InteractionType.Like, InteractionType.Conversion })
        {
            var set = new TrainingReplay(facts, action, new ItemVectors(embeddings)) { From = from, Schema = FeatureSchema.Standard }.Run(cancel: cancel);
            // Chance must not stop the trees: the size of the model is what is measured.
            heads.Add(HeadTrainer.Train(set, ..(set.Rows * 4 / 5), (set.Rows * 4 / 5).., action, null, new TrainingOptions { Trees = 100, Leaves = 31, Patience = 1_000 }));
        }
        return (RankerModel.Save(Path.Combine(folder, "model"), heads, Vectors), facts[^1].Event.Time.Plus(TimeSpan.FromDays(1)));
    }

    /// <summary>A user of the traffic: any of the first so many.</summary>
    public static UserId User(int number) => new(Name("user", number));

    private static ItemUpserted Content(int i) => new(new(Name("catalogue", i)), default, new Item
    {
        Id = new(Name("item", i)),
        Title = $"A title of some words for number {i}",
        Category = Name("category", i % 50),
        Author = Name("author", i % 700),
        Tags = [Name("tag", i % 90)],
        Attributes = new AttributeSet([new("price", (i % 97 + 0.5).ToString(CultureInfo.InvariantCulture))]),
    });

    private static ItemUpserted Ad(int i, Random random) => new(new(Name("offer", i)), default, new Item
    {
        Id = new(Name("ad", i)),
        Title = $"An offer of some words, number {i}",
        Ad = new Ad(new(Name("advertiser", i / 4)), i % 2 == 0 ? new ItemId(Name("item", random.Next(Items))) : null, new Bid((BidUnit)(1 + i % 3), 100_000 + random.Next(2_000_000)), 1_000_000_000, []),
    });

    private static Fact Known(ItemUpserted version, Timestamp time) => new(version with { Time = time }, time);

    private static string Name(string kind, int number) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{number}");

    private float[] Unit(Random random)
    {
        var vector = new float[dimensions];
        for (var i = 0; i < dimensions; i++) vector[i] = (float)(random.NextDouble() - 0.5);
        var norm = MathF.Sqrt(vector.Sum(x => x * x));
        for (var i = 0; i < dimensions; i++) vector[i] /= norm;
        return vector;
    }
}

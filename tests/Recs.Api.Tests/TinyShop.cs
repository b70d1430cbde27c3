using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Features.Embedding;
using Recs.Ranker.Model;
using Recs.Ranker.Training;

namespace Recs.Api.Tests;

/// <summary>A seeded catalogue of 60 products and 12 ads, 500 impressions of users who buy what they bought before, and a model trained on them.</summary>
internal static class TinyShop
{
    public const int Products = 60, Ads = 12;

    public static readonly Timestamp Start = Timestamp.From(new DateTimeOffset(2024, 2, 1, 0, 0, 0, TimeSpan.Zero));

    public static readonly Timestamp End = Start.Plus(TimeSpan.FromDays(40));

    private static readonly Lazy<RankerModel> Trained = new(Train);

    public static IReadOnlyList<Fact> Facts { get; } = Make();

    public static IReadOnlyList<ItemEmbedding> Embeddings { get; } = Vectors();

    public static RankerModel Model => Trained.Value;

    private static List<Fact> Make()
    {
        var random = new Random(7);
        List<Fact> facts = [];
        void Add(Event source) => facts.Add(new(source, source.Time));
        for (var i = 0; i < Products; i++) Add(new ItemUpserted(new($"p{i}"), Start, new Item { Id = new($"p{i:00}"), Title = $"Product {i}" }));
        for (var i = 0; i < Ads; i++)
            Add(new ItemUpserted(new($"a{i}"), Start, new Item
            {
                Id = new($"ad{i:00}"),
                Title = $"Ad {i}",
                Ad = new Ad(new($"advertiser{i % 6}"), new ItemId($"p{i * 3:00}"), new Bid(BidUnit.Conversion, 100_000 + 10_000 * i), 50_000_000, []),
            }));
        for (var r = 0; r < 500; r++)
        {
            var (user, time) = (r / 5 % 20, Start.Plus(TimeSpan.FromMinutes(1 + r * 115)));
            var shown = Enumerable.Range(0, Products).OrderBy(_ => random.Next()).Take(10).ToArray();
            if (r % 10 == 0) shown = [.. shown.Where(item => item != user).Prepend(user)];
            Add(new Impression(new($"i{r}"), time, new($"r{r}"), new($"u{user}"), "home", [.. shown.Select((item, at) => new ShownItem(new($"p{item:00}"), at + 1, null, 0))]));
            foreach (var item in shown)
                if (random.NextDouble() < ((item + user) % 10 == 0 ? 0.9 : 0.03))
                    Add(new Interaction(new($"k{r}-{item}"), time.Plus(TimeSpan.FromMinutes(1)), new($"r{r}"), new($"u{user}"), new($"p{item:00}"), InteractionType.Conversion, 1_000_000, 0));
        }
        return facts;
    }

    private static List<ItemEmbedding> Vectors()
    {
        var random = new Random(8);
        return [.. Enumerable.Range(0, Products).Select(i =>
        {
            var vector = Enumerable.Range(0, 8).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
            var norm = MathF.Sqrt(vector.Sum(x => x * x));
            return new ItemEmbedding(new($"p{i:00}"), "tiny", $"hash{i}", [.. vector.Select(x => x / norm)], $"{i % 3}-{i % 2}");
        })];
    }

    private static RankerModel Train()
    {
        var set = new TrainingReplay(Facts, InteractionType.Conversion, new ItemVectors(Embeddings)) { Workers = 1 }.Run();
        var head = HeadTrainer.Train(set, ..4_000, 4_000.., InteractionType.Conversion, null, new TrainingOptions { Trees = 20, Leaves = 8, RowsPerLeaf = 20 });
        var folder = Path.Combine(Directory.CreateTempSubdirectory("recs-api-test-").FullName, "model");
        RankerModel.Save(folder, [head], "tiny");
        var model = RankerModel.Load(folder);
        Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
        return model;
    }
}

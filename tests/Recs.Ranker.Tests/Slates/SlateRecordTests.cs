using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Features.Embedding;
using Recs.Ranker.Slates;

namespace Recs.Ranker.Tests.Slates;

/// <summary>A decision made again from its record gives the same slate, whatever became of the state.</summary>
public sealed class SlateRecordTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 30)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Unpack_AnyRequestAndPolicy_ComposesTheSameSlate(int seed)
    {
        var random = new Random(seed);
        var shop = new SmallShop(seed, products: 10 + random.Next(80), ads: random.Next(30));
        var policy = Policy(random);
        var ranker = shop.Ranker(policy);
        if (random.Next(2) == 0) ranker.Vectors = new ItemVectors([.. Enumerable.Range(0, 10 + random.Next(50)).Select(i => new ItemEmbedding(new($"c{i:000}"), "v", "", [(float)random.NextDouble(), (float)random.NextDouble()]))]);
        var request = SmallShop.Request(count: 1 + random.Next(40), user: $"u{random.Next(12)}", kinds: random.Next(4) switch { 0 => [ItemKind.Content], 1 => [ItemKind.Ad], _ => null })
            with { Explain = random.Next(2) == 0, Draw = (ulong)random.NextInt64(), Degradation = (Degradation)random.Next(4) };
        string made;
        byte[] record;
        using (var inputs = ranker.Gather(request))
        {
            made = Text(ranker.Composer.Compose(inputs));
            record = SlateRecord.Pack(inputs, policy);
        }
        // The world goes on.
        for (var i = 0; i < 50; i++) shop.Apply(new Interaction(shop.NewId(), SmallShop.Now, null, new("u1"), new($"c{random.Next(10):000}"), InteractionType.Conversion, 0, 0));
        var (again, rules) = SlateRecord.Unpack(record);
        using (again)
        {
            Assert.Equal(policy.Version, rules.Version);
            Assert.Equal(made, Text(new SlateComposer(ranker.Model, rules).Compose(again)));
            Assert.Equal(record, SlateRecord.Pack(again, rules));
        }
    }

    [Fact]
    public void Gather_OnAnyNumberOfThreads_GivesTheSameBytes()
    {
        var shop = new SmallShop(7, products: 900, ads: 60); // rows for several pieces of features and of heads, on a catalogue of one thread's pass and more
        var random = new Random(7);
        var vectors = new ItemVectors([.. Enumerable.Range(0, 10_000).Select(i => new ItemEmbedding(new($"c{i:000}"), "v", "", [(float)random.NextDouble(), (float)random.NextDouble()]))]);
        var policy = new SlatePolicy { ContentCandidates = 800, Diversity = 0.3 };
        var alone = shop.Ranker(policy);
        alone.Vectors = vectors;
        foreach (var threads in new[] { 2, 3, 8 })
        {
            var together = new SlateRanker(shop.State, shop.Spend, shop.Exposures, alone.Model, policy, threads: threads) { Vectors = vectors };
            foreach (var degradation in Enum.GetValues<Degradation>())
                for (var user = 0; user < 12; user++)
                {
                    var request = SmallShop.Request(user: $"u{user}") with { Degradation = degradation };
                    var (expected, slate) = Record(alone, request);
                    Assert.Equal((expected, slate), Record(together, request));
                }
        }

        (string Record, string Slate) Record(SlateRanker ranker, RankRequest request)
        {
            using var inputs = ranker.Gather(request);
            if (request.Degradation != Degradation.Popularity) Assert.InRange(inputs.Subjects, 513, int.MaxValue);
            var slate = Text(ranker.Composer.Compose(inputs));
            return (Convert.ToHexString(SlateRecord.Pack(inputs, policy)), slate);
        }
    }

    [Fact]
    public void Unpack_Damaged_SaysSo()
    {
        var shop = new SmallShop(3);
        var ranker = shop.Ranker();
        using var inputs = ranker.Gather(SmallShop.Request());
        ranker.Composer.Compose(inputs);
        var record = SlateRecord.Pack(inputs, ranker.Policy);
        Assert.Contains("not kept", Assert.Throws<InvalidDataException>(() => SlateRecord.Unpack([])).Message, StringComparison.Ordinal);
        Assert.Contains("version 9", Assert.Throws<InvalidDataException>(() => SlateRecord.Unpack([9, .. record.AsSpan(1)])).Message, StringComparison.Ordinal);
        var random = new Random(5);
        var refused = 0;
        for (var round = 0; round < 300; round++)
        {
            var damaged = record.ToArray();
            if (round % 3 == 0) damaged = damaged[..random.Next(1, damaged.Length)];
            else damaged[random.Next(1, damaged.Length)] ^= (byte)random.Next(1, 256);
            try
            {
                SlateRecord.Unpack(damaged).Inputs.Dispose(); // a flipped bit of a feature is still a record
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 100, 300);
    }

    private static SlatePolicy Policy(Random random)
    {
        var policy = new SlatePolicy();
        foreach (var setting in PolicySettings.All)
            if (random.Next(3) == 0)
            {
                var most = Math.Min(setting.Most, 50);
                var value = setting.Least + random.NextDouble() * (most - setting.Least);
                policy = setting.With(policy, setting.IsWhole ? Math.Ceiling(value) : value);
            }
        return policy with
        {
            SourceMilliseconds = 10_000, // a slow machine must not skip a source here
            Weights = random.Next(2) == 0 ? policy.Weights : new Dictionary<InteractionType, double> { [InteractionType.Conversion] = random.NextDouble(), [InteractionType.Click] = random.NextDouble() - 0.5 },
            AdQuality = random.Next(2) == 0 ? policy.AdQuality : new Dictionary<InteractionType, double> { [InteractionType.Click] = random.NextDouble() * 4 - 2 },
            PacingCurve = random.Next(2) == 0 ? [] : [.. Enumerable.Range(0, 24).Select(_ => random.NextDouble() + 0.01)],
        };
    }

    private static string Text(Slate slate) => string.Join('\n',
        slate.Entries.Select(entry => $"{entry.Position} {entry.Item} {entry.Kind} {entry.Score:R} {string.Join(' ', entry.Heads)} {entry.Ad} {entry.Propensity:R}")
            .Concat(slate.Removed.Select(removal => removal.ToString())).Concat(slate.Displaced.Select(displaced => displaced.ToString())).Append($"{slate.Candidates}"));
}

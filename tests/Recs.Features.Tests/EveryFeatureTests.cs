using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.State;

namespace Recs.Features.Tests;

/// <summary>What holds for each feature this build knows, not only for those of the standard row.</summary>
public sealed class EveryFeatureTests
{
    private static readonly FeatureSchema Every = FeatureSchema.Of(FeatureSchema.Known.Select(known => new FeatureChoice(known.Name, known.Parameters.Where(parameter => parameter.Name == "buckets").ToDictionary(parameter => parameter.Name, _ => 2.0), known.NeedsAttribute ? AttributeOf(known.Name) : null)))
        .Fit(new ItemVectors(An.Vectors(new Random(1), 20)));

    [Fact]
    public void Rows_AnyShuffleOfTheEvents_AreBitEqual()
    {
        for (var seed = 1; seed <= 6; seed++)
        {
            var random = new Random(seed);
            var log = An.Log(random, 500);
            AssertSameRows(random, Reader(An.State(log), log), Reader(An.State(An.Shuffled(random, log)), log));
        }
    }

    [Fact]
    public void Rows_OfASnapshotReadBack_AreBitEqual()
    {
        var random = new Random(11);
        var log = An.Log(random, 700);
        var folded = FoldedState.Of(log);
        using var bytes = new MemoryStream();
        StateFile.Write(folded, bytes);
        bytes.Position = 0;
        AssertSameRows(random, Reader(folded.State, log), Reader(StateFile.Read(bytes).State, log));
    }

    [Fact]
    public void Rows_AfterAUserIsForgotten_AreThoseOfTheOthersAlone()
    {
        for (var seed = 20; seed < 26; seed++)
        {
            var random = new Random(seed);
            var log = An.Log(random, 600);
            log.Add(An.Interaction("last", An.Day(201), "i0", "u0")); // the newest event is not of the user who goes
            var gone = log.Where(source => UserOf(source) == "u3").ToList();
            var state = An.State(log);
            Assert.True(state.Forget(new("u3"), gone));
            List<Event> others = [.. log.Where(source => UserOf(source) != "u3")];
            AssertSameRows(random, Reader(state, others), Reader(An.State(others), others));
        }
    }

    [Fact]
    public void Read_RandomStatesAndRequests_EveryNumberIsFiniteAndMoves()
    {
        var moved = new HashSet<int>();
        for (var seed = 1; seed <= 12; seed++)
        {
            var random = new Random(seed);
            var log = An.Log(random, random.Next(0, 700));
            var reader = Reader(An.State(log), log, vectors: random.Next(4) > 0);
            float[]? first = null;
            for (var i = 0; i < 200; i++)
            {
                var row = Row(reader, $"u{random.Next(12)}", random.Next(10) == 0 ? new Timestamp(random.NextInt64(0, 4_000_000_000_000)) : An.Day(random.NextDouble() * 230), $"i{random.Next(35)}");
                for (var at = 0; at < row.Length; at++) Assert.True(float.IsFinite(row[at]), $"{Every.Columns[at]} is {row[at]}");
                first ??= row;
                for (var at = 0; at < row.Length; at++)
                    if (row[at] != first[at]) moved.Add(at);
            }
        }
        Assert.Empty(Every.Columns.Where((_, at) => !moved.Contains(at)));
    }

    [Fact]
    public void Read_KeptReaders_ForgetTheRequestBefore()
    {
        var random = new Random(31);
        var log = An.Log(random, 500);
        var state = An.State(log);
        var kept = Reader(state, log);
        for (var i = 0; i < 60; i++)
        {
            var (user, now, item) = ($"u{random.Next(10)}", An.Day(150 + random.NextDouble() * 60), $"i{random.Next(27)}");
            var fresh = new FeatureReader(state, Every) { Vectors = kept.Vectors, Affinity = kept.Affinity };
            Assert.Equal(Row(fresh, user, now, item), Row(kept, user, now, item));
        }
    }

    [Fact]
    public void Explain_RandomStatesAndRequests_GivesTheRowBitForBitAndAReasonForEachColumn()
    {
        for (var seed = 40; seed < 46; seed++)
        {
            var random = new Random(seed);
            var log = An.Log(random, random.Next(0, 600));
            var reader = Reader(An.State(log), log, vectors: seed % 3 > 0);
            for (var i = 0; i < 60; i++)
            {
                var (user, now, item) = ($"u{random.Next(10)}", An.Day(random.NextDouble() * 220), $"i{random.Next(30)}");
                var row = Row(reader, user, now, item);
                var explained = reader.Explain(new(item), Place(item));
                Assert.Equal(row, explained.Select(column => column.Value));
                Assert.Equal(Every.Columns, explained.Select(column => column.Column));
                Assert.All(explained, column => Assert.False(string.IsNullOrWhiteSpace(column.How), column.Column));
                Assert.All(explained, column => Assert.Contains(Every.Features, feature => feature.Name == column.Feature));
                Assert.Equal(row, Row(reader, user, now, item)); // asking for reasons changes nothing
            }
        }
    }

    private static void AssertSameRows(Random random, FeatureReader one, FeatureReader other)
    {
        for (var i = 0; i < 120; i++)
        {
            var (user, now, item) = ($"u{random.Next(9)}", An.Day(random.NextDouble() * 220), $"i{random.Next(27)}");
            Assert.Equal(Row(one, user, now, item), Row(other, user, now, item));
        }
    }

    // Tables are no part of the state: they stem from the same facts in one order.
    private static FeatureReader Reader(RankingState state, IReadOnlyList<Event> log, bool vectors = true)
    {
        var builder = new AffinityBuilder(ratings: true);
        // Days drawn together: over 200 days hardly a pair would share two baskets.
        foreach (var source in log) builder.Add(source with { Time = An.Day((source.Time - An.Start).Days / 20) });
        return new FeatureReader(state, Every) { Affinity = builder.Build(An.Day(300)), Vectors = vectors ? new ItemVectors(An.Vectors(new Random(1), 20)) : null };
    }

    private static string? UserOf(Event source) => source switch
    {
        UserUpserted version => version.User.Value,
        Impression impression => impression.User.Value,
        Interaction interaction => interaction.User.Value,
        _ => null,
    };

    private static string AttributeOf(string feature) => feature switch { "user_number" => "age", "user_group" => "country", _ => "price_gbp" };

    // Place and surface follow from the rest, so that equal requests are equal in them too.
    private static float[] Row(FeatureReader reader, string user, Timestamp now, string item)
    {
        var row = new float[Every.Width];
        reader.Begin(new(user), now, Surface(now));
        reader.Read(new(item), row, Place(item));
        return row;
    }

    private static string Surface(Timestamp now) => now.DayIndex % 20 == 0 ? "" : $"surface {now.DayIndex % 20}";

    private static int Place(string item) => 1 + item.Length + item[^1] % 5;
}

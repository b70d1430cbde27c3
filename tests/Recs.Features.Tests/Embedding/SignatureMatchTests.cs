using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Features.Embedding;

namespace Recs.Features.Tests.Embedding;

public sealed class SignatureMatchTests
{
    private static readonly FeatureSchema Schema = FeatureSchema.Of([new("router_signature", new Dictionary<string, double> { ["half_life_days"] = 10 })]);

    // i0 and i1 went the same way, i2 shares one layer of two with them, i3 none, i4 has no signature.
    private static readonly ItemEmbedding[] Embeddings = [With("i0", "3-1"), With("i1", "3-1"), With("i2", "3-0"), With("i3", "2-5"), With("i4", ""), With("i5", "of another producer")];

    [Fact]
    public void Read_DecayedLikesAndDislikes_AreWeighted()
    {
        Event[] events =
        [
            An.Interaction("e1", An.Day(10), "i1"), An.Interaction("e2", An.Day(20), "i2"), An.Interaction("e3", An.Day(20), "i4"),
            An.Interaction("e4", An.Day(20), "i3", action: InteractionType.Hide), An.Interaction("e5", An.Day(20), "i0", action: InteractionType.Hide),
        ];
        // At day 30 the first like weighs 1/4, the second 1/2, each dislike 1/2.
        var row = Row(events, "i0");
        Assert.Equal(0.25 / 0.75, row[0], 1e-6);
        Assert.Equal((0.25 + 0.5 * 0.5) / 0.75, row[1], 1e-6);
        Assert.Equal(0.5, row[2], 1e-6);
        Assert.Equal(Math.Log(3), row[3], 1e-6);
        Assert.Equal([-1, -1, -1, -1], Row(events, "i4"));
        Assert.Equal([-1, -1, -1, -1], Row(events, "i5"));
        Assert.Equal([-1, -1, -1, -1], Row(events, "unknown"));
    }

    [Fact]
    public void Read_NoHistory_KnowsTheItemAlone() => Assert.Equal([-1, -1, -1, MathF.Log(2)], Row([An.Item("e", An.Start, "i3")], "i3"));

    private static ItemEmbedding With(string item, string signature) => An.Vector(item, 1, item[1]) with { Signature = signature };

    private static float[] Row(IEnumerable<Event> events, string item)
    {
        var reader = new FeatureReader(An.State(events), Schema) { Vectors = new ItemVectors(Embeddings) };
        var row = new float[Schema.Width];
        reader.Begin(new("u0"), An.Day(30));
        reader.Read(new(item), row);
        return row;
    }
}

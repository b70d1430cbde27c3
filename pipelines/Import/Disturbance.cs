using Recs.Domain.Events;

namespace Recs.Pipelines.Import;

/// <summary>What is done to a history on its way to the stream, on purpose and the same way for the same seed.</summary>
/// <param name="Duplicate">The share of facts that is sent twice, 0 to 1; the second sending comes anywhere after the first.</param>
/// <param name="ShuffleSeconds">Facts known within one window of so many seconds (windows counted from 1970) are sent in random order; 0 keeps the order.</param>
/// <param name="Garbage">How many messages that are no events are mixed in, at least 0.</param>
/// <param name="Seed">Of everything drawn.</param>
internal sealed record Disturbance(double Duplicate, int ShuffleSeconds, int Garbage, int Seed)
{
    /// <summary>What is sent, in order: an index into the facts, or −1 for a garbage message.</summary>
    public IReadOnlyList<int> Order(IReadOnlyList<Fact> facts)
    {
        var random = new Random(Seed);
        var kept = Enumerable.Range(0, facts.Count).ToArray();
        if (ShuffleSeconds > 0) ShuffleWindows(kept, facts, random);

        List<(double Place, int Index)> places = [.. kept.Select((index, place) => ((double)place, index))];
        for (var place = 0; place < kept.Length && Duplicate > 0; place++)
            if (random.NextDouble() < Duplicate) places.Add((place + 0.5 + random.NextDouble() * (kept.Length - place), kept[place]));
        for (var n = 0; n < Garbage; n++) places.Add((random.NextDouble() * kept.Length, -1));
        // Stable: places that meet keep the order in which they were drawn.
        return [.. places.OrderBy(entry => entry.Place).Select(entry => entry.Index)];
    }

    private void ShuffleWindows(int[] order, IReadOnlyList<Fact> facts, Random random)
    {
        for (var first = 0; first < order.Length;)
        {
            var last = first + 1;
            while (last < order.Length && Window(facts[last]) == Window(facts[first])) last++;
            random.Shuffle(order.AsSpan(first, last - first));
            first = last;
        }
    }

    private long Window(Fact fact) => fact.Known.Seconds / ShuffleSeconds;
}

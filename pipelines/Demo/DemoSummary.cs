using Recs.Api.Live;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Pipelines.Datasets;
using Recs.Ranker.Slates;
using static System.FormattableString;

namespace Recs.Pipelines.Demo;

/// <summary>The closing words: what was ingested, how well it ranks with and without embeddings, and three slates as a person would tell them.</summary>
internal static class DemoSummary
{
    private const int Places = 6;

    public static void Print(Dataset dataset, Protocol protocol, IReadOnlyList<Fact> facts, DemoEvents events, DemoQuality quality, LiveState live, Timestamp now)
    {
        Console.WriteLine();
        Console.WriteLine(Invariant($"Events: {events.Published:N0} published, {events.Ingested:N0} ingested, {events.Duplicates:N0} duplicates, {events.DeadLetters:N0} dead letters."));
        Console.WriteLine(Invariant($"Protocol: {protocol.Text}."));
        Console.WriteLine();
        Console.WriteLine(Invariant($"{"test period",-22}{"AUC",8}{"nDCG@10",9}{"HR@10",8}{"cold AUC",10}{"logloss",9}{"ECE",8}"));
        Row("with embeddings", quality);
        Row("without embeddings", quality.WithoutEmbeddings);
        Row("two counters", quality.TwoCounters);
        foreach (var user in Examples(facts, now)) Tell(dataset, user, facts, live, now);
        Console.WriteLine();
    }

    private static void Row(string name, DemoMeasures measures) => Console.WriteLine(Invariant(
        $"{name,-22}{measures.Auc,8:0.0000}{measures.NdcgAt10,9:0.0000}{measures.HrAt10,8:0.0000}{measures.ColdAuc,10:0.0000}{measures.Logloss,9:0.0000}{measures.Ece,8:0.0000}"));

    // The busiest user of the last week, one of the middle, and somebody never seen.
    private static IEnumerable<UserId> Examples(IReadOnlyList<Fact> facts, Timestamp now)
    {
        var since = now.Plus(TimeSpan.FromDays(-7));
        var busiest = facts.Select(fact => fact.Event).OfType<Interaction>().Where(interaction => interaction.Time >= since)
            .GroupBy(interaction => interaction.User).OrderByDescending(group => group.Count()).ThenBy(group => group.Key.Value, StringComparer.Ordinal).Select(group => group.Key).ToList();
        if (busiest.Count > 0) yield return busiest[0];
        if (busiest.Count > 2) yield return busiest[busiest.Count / 2];
        yield return new UserId("somebody-new");
    }

    private static void Tell(Dataset dataset, UserId user, IReadOnlyList<Fact> facts, LiveState live, Timestamp now)
    {
        var recent = facts.Select(fact => fact.Event).OfType<Interaction>().Where(interaction => interaction.User == user && interaction.Action == dataset.Action)
            .Reverse().Select(interaction => live.FindItem(interaction.Item)).OfType<Item>().Where(item => item.Ad is null).DistinctBy(item => item.Id).Take(3).ToList();
        Console.WriteLine();
        Console.WriteLine(recent.Count == 0
            ? $"For {user}, of whom nothing is known:"
            : $"For {user}, who lately {dataset.Did} {string.Join("; ", recent.Select(item => item.Title))}:");
        var slate = live.Rank(new RankRequest(user, "home", Places, [ItemKind.Content, ItemKind.Ad], null, Explain: false, now));
        foreach (var entry in slate.Entries)
        {
            var title = live.FindItem(entry.Item)?.Title ?? entry.Item.Value;
            var probability = entry.Heads[0].Probability;
            Console.WriteLine(entry.Ad is { } ad
                ? Invariant($"  {entry.Position}. {title} [sponsored by {ad.Advertiser}: p {probability:0.00}, eCPM {ad.EcpmMicros / 1e6:0.00}, pays {ad.PriceMicros / 1e6:0.000} for a sale]")
                : Invariant($"  {entry.Position}. {title} [p {probability:0.00}]"));
        }
    }
}

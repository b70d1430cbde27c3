using System.Globalization;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;
using Recs.Features.Counting;
using Recs.Features.State;

namespace Recs.Features.Explaining;

/// <summary>What stands in the state behind a value, in words: counts, tiles, recent interactions. Long lists show their newest or strongest entries and say how many more there are.</summary>
internal static class Evidence
{
    /// <summary>Entries of a list that are shown.</summary>
    private const int Shown = 5;

    public static bool IsPositive(int kind) => kind != CounterScope.Impression && ((InteractionType)kind).IsPositive();

    public static bool IsImpression(int kind) => kind == CounterScope.Impression;

    /// <summary>"click 3 (2024-01-05 ×2, 2024-01-04 ×1)": the day tiles that are kept, by kind of event.</summary>
    /// <param name="counters">Of one key.</param>
    /// <param name="state">Decides which tiles are kept.</param>
    /// <param name="kinds">Which kinds of event.</param>
    public static string Days(KeyCounters counters, RankingState state, Func<int, bool> kinds) =>
        Tiles(counters, kinds, series => series.DayTiles(state.Newest), day => Timestamp.OfDay(day).ToString()[..10], "day");

    /// <summary>The same of hour tiles.</summary>
    public static string Hours(KeyCounters counters, RankingState state, Func<int, bool> kinds) =>
        Tiles(counters, kinds, series => series.HourTiles(state.Newest), hour => new Timestamp(hour * 3_600_000L).ToString()[..13] + "h", "hour");

    /// <summary>Positives, negatives and impressions, ever, and the trials they make.</summary>
    public static string Totals(in KeyTotals totals) =>
        FormattableString.Invariant($"{totals.Positives} positives and {totals.Negatives} negatives, {totals.Impressions} impressions: {totals.Trials} trials");

    /// <summary>"i7 click 2024-01-05T10:00:00Z": interactions of a recent list, the newest first.</summary>
    public static string Recents(FeatureRequest request, Func<RecentInteraction, bool> which)
    {
        List<RecentInteraction> chosen = [.. request.Recents.ToArray().Where(which).Reverse()];
        return chosen.Count == 0 ? "none" : List(chosen, chosen.Count, recent => $"{request.State.Items[recent.Item]} {ActionNames.Of(recent.Type)} {recent.Time}");
    }

    /// <summary>The first few of a list, and how many more there are; "none" for an empty one.</summary>
    public static string List<T>(IEnumerable<T> entries, int count, Func<T, string> say)
    {
        if (count == 0) return "none";
        var text = string.Join(", ", entries.Take(Shown).Select(say));
        return count > Shown ? string.Create(CultureInfo.InvariantCulture, $"{text} and {count - Shown} more") : text;
    }

    /// <summary>Where an item without a number or a vector is meant.</summary>
    public static string Id(FeatureRequest request, in Candidate candidate) => candidate.Item < 0 ? "an item never seen" : request.State.Items[candidate.Item];

    private static string Tiles(KeyCounters counters, Func<int, bool> kinds, Read read, Func<int, string> name, string span)
    {
        List<string> found = [];
        for (var kind = 0; kind < InteractionTypes.Count; kind++)
        {
            if (!kinds(kind) || counters.Find(kind) is not { } series) continue;
            var tiles = read(series).ToArray();
            if (tiles.Length == 0) continue;
            Array.Reverse(tiles);
            var kept = tiles.Sum(tile => (long)tile.Count);
            found.Add(string.Create(CultureInfo.InvariantCulture,
                $"{(kind == CounterScope.Impression ? "impression" : ActionNames.Of((InteractionType)kind))} {kept} ({List(tiles, tiles.Length, tile => string.Create(CultureInfo.InvariantCulture, $"{name(tile.Index)} ×{tile.Count}"))})"));
        }
        return found.Count == 0 ? $"no {span} tile" : $"{span} tiles of {string.Join("; ", found)}";
    }

    private delegate ReadOnlySpan<Tile> Read(TileSeries series);
}

using System.CommandLine;
using Recs.Features.State;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Ingest;
using Recs.Storage;
using Spectre.Console;
using Table = Recs.Storage.Reports.Table;

namespace Recs.Pipelines.State;

/// <summary><c>recs state</c>: folds all facts and says what came out, with one digest by which two stores are compared.</summary>
internal static class StateVerb
{
    private const int ShuffleSeed = 1;

    public static Command Create(TimeProvider clock)
    {
        var db = StoreOption.Create();
        var group = new Option<string>("--group") { Description = "Whose offsets are told.", HelpName = "NAME", DefaultValueFactory = _ => new IngestOptions().Group };
        var verify = new Option<bool>("--verify") { Description = "Fold all facts from the beginning too, in a seeded shuffled order, and compare the digests; exit 1 if they differ." };
        var save = new Option<bool>("--save") { Description = "Keep the state as a snapshot in the store, so that the next reader need not fold these facts again." };
        var json = Verb.JsonOption();
        return Verb.Create("state", "The folded state of a store: counts, offsets and one digest that is equal for two stores if and only if events and state are. Begins with the store's snapshot, where there is one.",
            [db, group, verify, save, json], (parsed, cancel) =>
            {
                using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
                var fold = StoredFold.Load(store);
                if (parsed.GetValue(save)) store.SaveState(fold.ToSnapshot(clock, cancel));
                var anew = parsed.GetValue(verify) ? ShuffledDigest(store) : null;
                var result = Describe(store, fold, parsed.GetValue(group)!, anew);
                Show(store, parsed.GetValue(group)!, result, fold.Caught, anew);
                Verb.WriteJson(parsed.GetValue(json), result, StateJson.Default.StateResult);
                return Task.FromResult(result.Verified is false ? 1 : 0);
            });
    }

    private static StateResult Describe(IRecsStore store, StoredFold fold, string group, string? anew)
    {
        var folded = fold.Folded;
        var digest = folded.Digest();
        var counts = store.Count();
        var offsets = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (place, next) in fold.Offsets)
            if (place.Group == group) offsets[$"{place.Partition.Topic}/{place.Partition.Partition}"] = next;
        return new(folded.Events, counts.Duplicates, counts.DeadLetters, folded.Items, folded.Users, folded.FeatureRows, offsets, digest,
            [.. store.Gaps(group).Select(StateGap.Of)], anew is null ? null : anew == digest)
        {
            Late = counts.Late,
            Erased = counts.Erased,
        };
    }

    /// <summary>The fold of the base and of all facts, which come in an order of their own.</summary>
    private static string ShuffledDigest(IRecsStore store)
    {
        var since = store.ReadState(layout: null);
        var events = since.Facts.Select(fact => fact.Event).ToArray();
        new Random(ShuffleSeed).Shuffle(events);
        var folded = since.Start is { } start ? StoredFold.Read(start) : new FoldedState();
        foreach (var source in events) folded.Apply(source);
        return folded.Digest();
    }

    private static void Show(IRecsStore store, string group, StateResult result, long caught, string? anew)
    {
        var console = Terminal.Open();
        List<IReadOnlyList<object?>> rows = [.. result.Events.Select(pair => new object?[] { $"{pair.Key} events", pair.Value })];
        rows.AddRange(
        [
            ["duplicates dropped", result.Duplicates], ["dead letters", result.DeadLetters], ["late, kept apart", result.Late], ["of erased users, refused", result.Erased],
            ["items", result.Items], ["users", result.Users], ["feature rows", result.FeatureRows],
            ["offsets' sum", result.Offsets.Values.Sum()], ["partitions read", (long)result.Offsets.Count], ["folded after the snapshot", caught],
        ]);
        console.WriteLine($"state of {store.Name}");
        TableText.Show(new Table(["what", "count"], rows), console);
        console.WriteLine($"digest {result.Digest}");
        if (result.Gaps.Count > 0) console.WriteLine(GapLines.Of(store.Gaps(group)));
        if (anew is null) return;
        console.WriteLine(result.Verified is true
            ? "verify: equal to the fold of all facts from the beginning, in a shuffled order"
            : $"verify: DIFFERENT, all facts folded from the beginning have digest {anew}; recs replay makes the state anew");
    }
}

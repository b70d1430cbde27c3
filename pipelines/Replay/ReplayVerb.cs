using System.CommandLine;
using System.Text.Json.Serialization;
using Recs.Domain;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Ingest;
using Recs.Storage;

namespace Recs.Pipelines.Replay;

/// <summary><c>recs replay</c>: facts from the stream, or the state from the facts, made anew beside the live ones; ingest goes on meanwhile.</summary>
internal static class ReplayVerb
{
    public static Command Create(TimeProvider clock)
    {
        var db = StoreOption.Create();
        var kafka = new KafkaOptions("The brokers to read facts from again; without it only the state is made anew, from the facts.", required: false);
        var from = MomentOption.Create("--from", "With --kafka: facts known from then on are replaced.");
        var to = MomentOption.Create("--to", "With --kafka: facts known before then are replaced; now, if it is left out.");
        var gap = new Option<bool>("--allow-gap") { Description = "Go on although the stream may no longer hold all messages of that time: the facts that came from the others go." };
        var json = Verb.JsonOption();
        return Verb.Create("replay", "Makes facts anew from the stream (--kafka with --from and --to) and the folded state from the facts, beside the live ones, and swaps them in.",
            [db, .. kafka.All, from, to, gap, json], (parsed, cancel) =>
            {
                using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
                var now = Timestamp.Now(clock);
                var (begin, end) = (MomentOption.Read("--from", parsed.GetValue(from)), MomentOption.Read("--to", parsed.GetValue(to)));
                ReplayCounts? facts = null;
                if (kafka.AreNamed(parsed))
                {
                    if (begin is not { } first) throw new RefusedException("--kafka replaces facts: say from when with --from");
                    var last = end is { } given && given < now ? given : now;
                    if (first >= last) throw new RefusedException($"nothing lies between {first} and {last}; --from is before --to and before now");
                    facts = Facts(store, new StreamReplay(kafka.Connection(parsed), kafka.Topics(parsed), first, last, parsed.GetValue(gap), clock), first, last, cancel);
                }
                else if (begin is not null || end is not null || parsed.GetValue(gap))
                {
                    throw new RefusedException("--from, --to and --allow-gap say which facts to read again from the stream: name it with --kafka; the state is always made of all facts");
                }
                var fold = StoredFold.FromFacts(store);
                store.SaveState(fold.ToSnapshot(clock, cancel));
                var digest = fold.Folded.Digest();
                Console.WriteLine($"replay: the state of {fold.Folded.Facts} events is folded anew and kept");
                Console.WriteLine($"digest {digest}");
                Verb.WriteJson(parsed.GetValue(json), new ReplayResult(facts, fold.Folded.Facts, digest), ReplayJson.Default.ReplayResult);
                return Task.FromResult(0);
            });
    }

    private static ReplayCounts Facts(IRecsStore store, StreamReplay stream, Timestamp from, Timestamp to, CancellationToken cancel)
    {
        var counts = store.Replace(from, to, stream.Facts(cancel));
        Console.WriteLine($"replay: {stream.Read} messages read; of {from} to {to}, {counts.Removed} facts gave way to {counts.Added}; "
            + $"{counts.Duplicates} resends, {stream.Refused} refused, {counts.Late} late, {counts.Erased} of erased users");
        return counts;
    }
}

/// <summary>What <c>recs replay --json</c> writes.</summary>
/// <param name="Replaced">What became of the facts; absent where only the state was made anew.</param>
/// <param name="Events">In the state.</param>
/// <param name="Digest">Of events and state, as <c>recs state</c> has it.</param>
internal sealed record ReplayResult(ReplayCounts? Replaced, long Events, string Digest);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(ReplayResult))]
internal sealed partial class ReplayJson : JsonSerializerContext;

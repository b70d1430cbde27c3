using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Recs.Api.Decisions;
using Recs.Domain;
using Recs.Pipelines.CommandLine;
using Recs.Ranker.Model;
using Recs.Storage;

namespace Recs.Pipelines.Decisions;

/// <summary><c>recs replay-decision</c>: makes kept decisions again and compares the answers, byte for byte.</summary>
internal static class ReplayDecisionVerb
{
    private const int Most = 1_000_000;

    public static Command Create()
    {
        var db = StoreOption.Create();
        var json = Verb.JsonOption();
        var ids = new Argument<string[]>("ID") { Description = "Decisions by their id; without any, the newest ones.", Arity = ArgumentArity.ZeroOrMore };
        var newest = new Option<int>("--newest") { Description = "Without an id: so many of the newest decisions.", HelpName = "N", DefaultValueFactory = _ => 10_000 };
        var models = new Option<string[]>("--model") { Description = "The folder of a model that answered; repeat it for several.", HelpName = "DIR", Required = true, AllowMultipleArgumentsPerToken = false };
        var show = new Option<bool>("--show") { Description = "Print the answers that differ, as given and as made now." };
        var command = Verb.Create("replay-decision", "Makes kept decisions again from the ledger and compares the answers, byte for byte.", [db, models, newest, show, json], (parsed, cancel) =>
        {
            if (parsed.GetValue(newest) is < 1 or > Most) throw new RefusedException($"--newest is {parsed.GetValue(newest)}, range 1 to {Most}");
            var known = parsed.GetValue(models)!.Select(RankerModel.Load).DistinctBy(model => model.Version).ToDictionary(model => model.Version);
            using var store = StoreOption.OpenExisting(parsed.GetValue(db)!);
            IReadOnlyList<string> asked = parsed.GetValue(ids) is { Length: > 0 } named ? named : store.NewestDecisions(parsed.GetValue(newest));
            if (asked.Count == 0) throw new RefusedException($"{store.Name} has no decisions; they come from a server with a ledger, by way of recs ingest or recs up");
            var result = Replay(store, asked, known, parsed.GetValue(show), cancel);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"replay-decision: {result.Replayed:N0} decisions made again, {result.Equal:N0} equal byte for byte, {result.Different.Count:N0} different, {result.Impossible.Count:N0} could not be made"));
            Verb.WriteJson(parsed.GetValue(json), result, ReplayDecisionJson.Default.ReplayDecisionResult);
            return Task.FromResult(result.Equal == result.Replayed + result.Impossible.Count ? 0 : 1);
        });
        command.Arguments.Add(ids);
        return command;
    }

    private static ReplayDecisionResult Replay(IRecsStore store, IReadOnlyList<string> ids, Dictionary<string, RankerModel> models, bool show, CancellationToken cancel)
    {
        var (replayed, equal) = (0, 0);
        List<string> different = [];
        Dictionary<string, string> impossible = new(StringComparer.Ordinal);
        foreach (var id in ids)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                var kept = store.FindDecision(id) ?? throw new InvalidDataException("it is not in the store");
                var model = models.GetValueOrDefault(kept.Versions.Model) ?? throw new InvalidDataException($"it was made with model {kept.Versions.Model}; name its folder with --model too");
                var (answer, same) = DecisionRecord.Replay(kept, model);
                replayed++;
                if (same) equal++;
                else
                {
                    different.Add(id);
                    Console.WriteLine($"{id}: differs{(kept.Versions.Code == CodeVersion.Current ? "" : $"; it was made by code {kept.Versions.Code}, this is {CodeVersion.Current}")}");
                    if (show) Console.WriteLine($"  given: {System.Text.Encoding.UTF8.GetString(kept.Answer)}\n  now:   {System.Text.Encoding.UTF8.GetString(answer)}");
                }
            }
            catch (InvalidDataException cannot)
            {
                if (impossible.Count < 20) Console.WriteLine($"{id}: {cannot.Message}");
                impossible[id] = cannot.Message;
            }
        }
        return new(replayed, equal, different, impossible);
    }
}

/// <summary>What <c>replay-decision --json</c> writes.</summary>
/// <param name="Replayed">Made again.</param>
/// <param name="Equal">With the same bytes.</param>
/// <param name="Different">The ids of the others.</param>
/// <param name="Impossible">Those that could not be made, with the reason.</param>
internal sealed record ReplayDecisionResult(int Replayed, int Equal, IReadOnlyList<string> Different, IReadOnlyDictionary<string, string> Impossible);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ReplayDecisionResult))]
internal sealed partial class ReplayDecisionJson : JsonSerializerContext;

using System.CommandLine;
using System.Text.Json.Serialization;
using Recs.Features.State;
using Recs.Pipelines.CommandLine;
using static System.FormattableString;

namespace Recs.Pipelines.Bench.State;

/// <summary><c>recs bench state</c>: memory of the folded state, and the fold's time.</summary>
internal static class StateBenchVerb
{
    /// <summary>1.5 GiB for a million users and what they did with a hundred thousand items.</summary>
    private const double AskedBytesPerUser = 1.5 * (1L << 30) / 1_000_000;

    public static Command Create()
    {
        var users = CountOption.Create("--users", 100_000, 100, 10_000_000, "Users");
        var items = CountOption.Create("--items", 10_000, 10, 4_000_000, "Items");
        var interactions = CountOption.Create("--interactions", 20, 2, 10_000, "Interactions of each user");
        var json = Verb.JsonOption();
        return Verb.Create("state", "Memory of the ranking state of so many users and items, by bytes a user (items and all else included), beside what is asked; and the fold's processor time an event. The state is written out and read back, and the digests are compared.",
            [users, items, interactions, json], (parsed, cancel) =>
            {
                var traffic = new StateTraffic(parsed.GetValue(users), parsed.GetValue(items), parsed.GetValue(interactions));
                var result = Run(traffic, parsed.GetValue(users), parsed.GetValue(items), cancel);
                Console.WriteLine(Invariant($"state      {ByteSize.Text(result.StateBytes)} of {result.Users:N0} users and {result.Items:N0} items, {result.Ours:N0} bytes a user, asked {result.Peers["asked"]:N0}"));
                Console.WriteLine(Invariant($"fold       {result.Events:N0} events, {result.FoldMicrosecondsPerEvent:0.00} µs of processor time each, making them and the tally included; peak memory {ByteSize.Text(result.PeakResidentBytes)}"));
                Console.WriteLine("checked    written out and read back, the state has the same digest");
                Verb.WriteJson(parsed.GetValue(json), result, StateBenchJson.Default.StateBenchResult);
                return Task.FromResult(0);
            });
    }

    private static StateBenchResult Run(StateTraffic traffic, int users, int items, CancellationToken cancel)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var used = Environment.CpuUsage.TotalTime;
        var (folded, done) = (new FoldedState(), 0L);
        foreach (var source in traffic.Events())
        {
            if (++done % 1_000_000 == 0)
            {
                cancel.ThrowIfCancellationRequested();
                Console.WriteLine(Invariant($"bench state: {done:N0} of {traffic.Count:N0} events"));
            }
            folded.Apply(source);
        }
        var seconds = (Environment.CpuUsage.TotalTime - used).TotalSeconds;
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Check(folded);
        var peers = new Dictionary<string, double> { ["asked"] = AskedBytesPerUser };
        var ours = (double)bytes / users;
        return new("state", "bytes/user", ours, peers, new Dictionary<string, double> { ["asked"] = ours / AskedBytesPerUser }, Checked: true, MachineFacts.Read())
        {
            Threads = 1,
            Users = users,
            Items = items,
            Events = traffic.Count,
            StateBytes = bytes,
            FoldMicrosecondsPerEvent = seconds / traffic.Count * 1e6,
            PeakResidentBytes = MachineFacts.PeakResidentBytes(),
        };
    }

    private static void Check(FoldedState folded)
    {
        using var file = new TemporaryFile();
        using (var output = File.Create(file.Path)) StateFile.Write(folded, output);
        using var input = File.OpenRead(file.Path);
        if (StateFile.Read(input).Digest() != folded.Digest()) throw new InvalidOperationException("the state read back has another digest");
    }

    private sealed class TemporaryFile : IDisposable
    {
        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}

/// <summary>What <c>recs bench state</c> found.</summary>
internal sealed record StateBenchResult(string Name, string Unit, double Ours, IReadOnlyDictionary<string, double> Peers, IReadOnlyDictionary<string, double> Ratio, bool Checked, MachineFacts Machine)
    : BenchResult(Name, Unit, Ours, Peers, Ratio, Checked, Machine)
{
    /// <summary>Of the log.</summary>
    [JsonPropertyOrder(1)]
    public required int Users { get; init; }

    /// <summary>Of the log.</summary>
    [JsonPropertyOrder(1)]
    public required int Items { get; init; }

    /// <summary>Folded.</summary>
    [JsonPropertyOrder(1)]
    public required long Events { get; init; }

    /// <summary>Managed memory that the state holds on to.</summary>
    [JsonPropertyOrder(1)]
    public required long StateBytes { get; init; }

    /// <summary>Processor time of the fold with its tally, making the events included.</summary>
    [JsonPropertyOrder(1)]
    public required double FoldMicrosecondsPerEvent { get; init; }

    /// <summary>Of this process.</summary>
    [JsonPropertyOrder(1)]
    public required long PeakResidentBytes { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(StateBenchResult))]
internal sealed partial class StateBenchJson : JsonSerializerContext;

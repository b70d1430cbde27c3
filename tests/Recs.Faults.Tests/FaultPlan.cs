using System.Globalization;

namespace Recs.Faults.Tests;

/// <summary>How much happens. <c>RECS_FAULTS_EVENTS</c> and <c>RECS_FAULTS_SEED</c> choose; a small size that ends soon is the default.</summary>
internal sealed record FaultPlan(int Events, int Seed, IReadOnlyList<Fault> Faults)
{
    private const int Small = 20_000;

    /// <summary>From this size on the faults are those of the full suite.</summary>
    private const int Full = 200_000;

    /// <summary>One message in a hundred is no event.</summary>
    public int Garbage => Events / 100;

    /// <summary>Faults of each kind, small and full, in a seeded random order.</summary>
    public static FaultPlan Of(int salt, params (Fault Fault, int Small, int Full)[] counts)
    {
        var (events, seed) = (Number("RECS_FAULTS_EVENTS", Small), Number("RECS_FAULTS_SEED", 1));
        var faults = counts.SelectMany(kind => Enumerable.Repeat(kind.Fault, events >= Full ? kind.Full : kind.Small)).ToArray();
        new Random(seed * 31 + salt).Shuffle(faults);
        return new FaultPlan(events, seed, faults);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"RECS_FAULTS_EVENTS={Events} RECS_FAULTS_SEED={Seed}: {string.Join(", ", Faults.CountBy(fault => fault).OrderBy(pair => pair.Key).Select(pair => $"{pair.Value} × {pair.Key}"))}");

    private static int Number(string variable, int otherwise) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}

/// <summary>What is done to the system.</summary>
internal enum Fault
{
    /// <summary>A worker ends without a word (SIGKILL).</summary>
    Kill,
    /// <summary>A worker stands still for longer than the group waits for it (SIGSTOP), and goes on as if nothing had been (SIGCONT).</summary>
    Freeze,
    /// <summary>One more worker.</summary>
    Join,
    /// <summary>A worker is told to end (SIGTERM).</summary>
    Leave,
    /// <summary>A broker is gone for a while.</summary>
    Broker,
    /// <summary>The database crashes and starts again.</summary>
    Database,
}

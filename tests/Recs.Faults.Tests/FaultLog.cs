using System.Globalization;

namespace Recs.Faults.Tests;

/// <summary>What happened and when: on the console for long runs, and in the message of a failure.</summary>
internal sealed class FaultLog(FaultPlan plan)
{
    private readonly long _begun = TimeProvider.System.GetTimestamp();
    private readonly List<string> _lines = [plan.ToString()];

    public TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(_begun);

    public void Add(string text)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds,7:0.0} s  {text}");
        _lines.Add(line);
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        if (Environment.GetEnvironmentVariable("RECS_FAULTS_EVENTS") is not null) Console.WriteLine(line);
    }

    public override string ToString() => string.Join('\n', _lines.TakeLast(40).Prepend(plan.ToString()));
}

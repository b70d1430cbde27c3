using Recs.Api.Live;
using Recs.Domain;

namespace Recs.Pipelines.Policy;

/// <summary>
/// Serves under another policy as soon as its file says so; what changes is logged by the state, a setting a line. A faulty file is told once and changes
/// nothing. One thread at a time.
/// </summary>
/// <param name="live">What serves.</param>
/// <param name="file">The policy's file.</param>
/// <param name="log">Takes a line about each fault.</param>
internal sealed class PolicyWatch(LiveState live, string file, Action<string> log)
{
    private (DateTime, long) _seen = Stamp(file);
    private string? _told;

    /// <summary>Looks once.</summary>
    public void Look()
    {
        if (Stamp(file) is var stamp && (stamp == _seen || stamp == default)) return;
        try
        {
            var policy = PolicyFile.Read(file);
            if (policy.Version != live.Policy.Version) live.UsePolicy(policy);
            (_seen, _told) = (stamp, null);
        }
        catch (Exception failed) when (failed is RefusedException or IOException or UnauthorizedAccessException)
        {
            if (_told != failed.Message) log($"the policy stays as it was: {_told = failed.Message}");
        }
    }

    private static (DateTime, long) Stamp(string file) => new FileInfo(file) is { Exists: true } there ? (there.LastWriteTimeUtc, there.Length) : default;
}

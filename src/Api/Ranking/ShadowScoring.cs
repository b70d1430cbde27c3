using System.Threading.Channels;
using Recs.Api.Live;
using Recs.Api.Telemetry;
using Recs.Ranker.Slates;

namespace Recs.Api.Ranking;

/// <summary>How another model would have answered.</summary>
/// <param name="DecisionId">Which answer.</param>
/// <param name="Model">The shadow's version.</param>
/// <param name="Slate">What it would have shown. The state may have moved on since the answer.</param>
/// <param name="Overlap">The share of the answer's items that are in it too, 0 to 1.</param>
public sealed record ShadowScore(string DecisionId, string Model, Slate Slate, double Overlap);

/// <summary>
/// Ranks a sample of the answered requests again with the shadow model, after the answer and on one thread of its own, so that no answer waits for it or
/// changes by it. Overflow policy: a request that finds the queue full is dropped and counted.
/// </summary>
internal sealed class ShadowScoring : IAsyncDisposable
{
    private const int Waiting = 128;

    private readonly LiveState _live;
    private readonly ApiTelemetry _telemetry;
    private readonly Action<string>? _log;
    private readonly Channel<(string Id, RankRequest Request, Slate Answer, ShadowModel Shadow)> _queue = Channel.CreateBounded<(string, RankRequest, Slate, ShadowModel)>(new BoundedChannelOptions(Waiting) { SingleReader = true });
    private readonly Task _running;

    public ShadowScoring(LiveState live, ApiTelemetry telemetry, Action<string>? log)
    {
        (_live, _telemetry, _log) = (live, telemetry, log);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Queues the request of a decision, where it falls into the sample.</summary>
    public void Offer(RankedDecision decision)
    {
        if (_live.Shadow is not { } shadow || !shadow.Samples(decision.Request.Draw)) return;
        var full = decision.Request with { Degradation = Degradation.None };
        if (!_queue.Writer.TryWrite((decision.Id, full, decision.Slate, shadow))) _telemetry.ShadowDropped();
    }

    /// <summary>Drops what waits, and waits for what runs.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        while (_queue.Reader.TryRead(out _)) _telemetry.ShadowDropped();
        await _running;
    }

    private async Task RunAsync()
    {
        await foreach (var (id, request, answer, shadow) in _queue.Reader.ReadAllAsync())
        {
            try
            {
                using var inputs = _live.Gather(shadow.Ranker, request);
                var slate = shadow.Ranker.Slates.Composer.Compose(inputs);
                var items = slate.Entries.Select(entry => entry.Item).ToHashSet();
                var overlap = answer.Entries.Count == 0 ? 1 : answer.Entries.Count(entry => items.Contains(entry.Item)) / (double)answer.Entries.Count;
                _telemetry.ShadowScored(overlap);
                shadow.Told?.Invoke(new(id, shadow.Ranker.Model.Version, slate, overlap));
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                _telemetry.ShadowFailed();
                if (shadow.Ranker.IsNews(fault.GetType().FullName!)) _log?.Invoke($"api: the shadow model {shadow.Ranker.Model.Version} failed (told once): {fault}");
            }
        }
    }
}

using Recs.Api.Live;
using Recs.Api.Telemetry;
using Recs.Ranker.Slates;

namespace Recs.Api.Ranking;

/// <summary>
/// The way of a ranking, whatever protocol it came by: a place in the queue, the ranker of the user's experiments, the step of the ladder that fits the time
/// left, and one step lower wherever the model or a feature fails. Safe from any thread.
/// </summary>
internal sealed class RankService : IAsyncDisposable
{
    private readonly LiveState _live;
    private readonly ApiOptions _options;
    private readonly ApiTelemetry _telemetry;
    private readonly IDecisionLedger? _ledger;
    private readonly RankingQueue _queue;
    private readonly ShadowScoring _shadow;
    private readonly TimeProvider _clock;
    private readonly Func<LiveRanker, SlateInputs, Slate> _compose;

    /// <param name="live">The state and what ranks over it.</param>
    /// <param name="options">Budget, queue and log.</param>
    /// <param name="telemetry">Counts and measures.</param>
    /// <param name="ledger">Keeps decisions; null: nobody does.</param>
    /// <param name="clock">Budgets are counted on it.</param>
    /// <param name="compose">From inputs to a slate; null: the ranker's own composer.</param>
    public RankService(LiveState live, ApiOptions options, ApiTelemetry telemetry, IDecisionLedger? ledger, TimeProvider clock, Func<LiveRanker, SlateInputs, Slate>? compose = null)
    {
        _compose = compose ?? ((ranker, inputs) => ranker.Slates.Composer.Compose(inputs));
        (_live, _options, _telemetry, _ledger, _clock) = (live, options, telemetry, ledger, clock);
        _queue = new(options.RankingsAtOnce, options.RankingsWaiting, clock);
        _shadow = new(live, telemetry, options.Log);
        telemetry.Watch(live, _queue);
    }

    /// <summary>Ranks.</summary>
    /// <param name="id">Of the answer.</param>
    /// <param name="request">What is asked, without a step of the ladder.</param>
    /// <param name="budget">What the client can wait; null for the server's own.</param>
    /// <param name="begun">Timestamp of the clock since when the budget counts.</param>
    /// <param name="cancel">The client is gone.</param>
    /// <returns>The caller's: answer with it, then hand it to <see cref="Answered"/>.</returns>
    /// <exception cref="Serving.RefusedRequest">503: overloaded.</exception>
    public async ValueTask<RankedDecision> RankAsync(string id, RankRequest request, TimeSpan? budget, long begun, CancellationToken cancel)
    {
        var time = budget is { } asked && asked < _options.Budget ? asked : _options.Budget;
        try
        {
            using var place = await _queue.EnterAsync(time - _clock.GetElapsedTime(begun), cancel);
            return Rank(id, request, time, begun);
        }
        catch (Serving.RefusedRequest)
        {
            _telemetry.Overloaded();
            throw;
        }
    }

    /// <summary>What is done with a decision once its answer has left: it is measured, kept and scored by the shadow.</summary>
    public void Answered(RankedDecision decision)
    {
        _telemetry.Answered(decision);
        _shadow.Offer(decision);
        if (_ledger?.TryKeep(decision) != true) decision.Dispose();
    }

    /// <summary>Ends the shadow's work.</summary>
    public async ValueTask DisposeAsync()
    {
        await _shadow.DisposeAsync();
        _queue.Dispose();
    }

    private RankedDecision Rank(string id, RankRequest request, TimeSpan budget, long begun)
    {
        var ranker = _live.RankerOf(request.User);
        var queued = _clock.GetElapsedTime(begun);
        var candidates = request.Candidates?.Count ?? ranker.Candidates;
        for (var least = Degradation.None; ;)
        {
            var step = ranker.Control.Choose(budget - _clock.GetElapsedTime(begun), candidates, least);
            // With one head this step leaves nothing out.
            if (step == Degradation.FirstHeadOnly && ranker.HasOneHead) step = ranker.Control.Choose(budget - _clock.GetElapsedTime(begun), candidates, Degradation.Counters);
            var started = _clock.GetTimestamp();
            SlateInputs? inputs = null;
            try
            {
                inputs = _live.Gather(ranker, request with { Degradation = step });
                var slate = _compose(ranker, inputs);
                ranker.Control.Observe(step, candidates, _clock.GetElapsedTime(started));
                return new()
                {
                    Id = "d" + id,
                    RequestId = new("r" + id),
                    Inputs = inputs,
                    Composer = ranker.Slates.Composer,
                    Slate = slate,
                    PolicyVersion = ranker.PolicyVersion,
                    EmbeddingVersion = ranker.EmbeddingVersion,
                    Experiments = ranker.Arms,
                    Queued = queued,
                    Took = _clock.GetElapsedTime(begun),
                };
            }
            catch (Exception fault) when (step < Degradation.Popularity && fault is not OutOfMemoryException)
            {
                inputs?.Dispose();
                Fell(ranker, step, fault);
                least = step + 1;
            }
        }
    }

    // Once for each kind: a model that is broken fails at every request.
    private void Fell(LiveRanker ranker, Degradation step, Exception fault)
    {
        ranker.Control.Failed(step);
        _telemetry.Fell(step);
        if (ranker.IsNews($"{step} {fault.GetType().FullName}"))
            _options.Log?.Invoke($"api: ranking with degradation {StepNames.Of(step)} failed and goes on one step lower, model {ranker.Model.Version}, policy {ranker.PolicyVersion} (told once): {fault}");
    }
}

using System.Globalization;
using System.Text;
using Recs.Api.Contracts;
using Recs.Api.Keys;
using Recs.Api.Ranking;
using Recs.Api.Serving;
using Recs.Domain.Wire;
using Recs.Ranker.Slates;

namespace Recs.Api.Endpoints;

/// <summary><c>POST /v1/rank</c>: a slate for a user.</summary>
internal sealed class RankEndpoint(RankService service, ApiOptions options, RequestIds ids, TimeProvider clock)
{
    private readonly RankQuestion _question = new(options, clock);

    public async Task<IResult> Answer(HttpContext http, CancellationToken cancel)
    {
        var body = await JsonBody.Read(http, ApiJson.Default.RankBody, options.BodyBytes);
        var begun = clock.GetTimestamp();
        var id = ids.Next();
        var decision = await service.RankAsync(id, _question.Request(body, id, Caller.Of(http)), RankQuestion.Budget(body), begun, cancel);
        http.Response.OnCompleted(() =>
        {
            service.Answered(decision);
            return Task.CompletedTask;
        });
        if (WantsTiming(http.Request)) http.Response.Headers["Server-Timing"] = Timing(decision);
        return Results.Bytes(decision.Body, "application/json; charset=utf-8");
    }

    /// <summary>The answer as it goes out.</summary>
    internal static RankAnswer Answer(RankedDecision decision)
    {
        var slate = decision.Slate;
        return new(decision.RequestId.Value, decision.Id, [.. slate.Entries.Select(Entry)], StepNames.Of(decision),
            new(decision.Composer.Model.Version, decision.EmbeddingVersion, decision.PolicyVersion), decision.Experiments,
            decision.Request.Explain ? new(slate.Candidates, [.. slate.Removed.Select(removal => new RemovedCandidate(removal.Item.Value, WireNames.Of(removal.Reason), removal.Detail))],
                [.. slate.Displaced.Select(displaced => new DisplacedContent(displaced.Position, displaced.Ad.Value, displaced.Content.Value, displaced.AdWorth, displaced.ContentValue, displaced.Reason))], slate.SkippedSources) : null);
    }

    private static RankedEntry Entry(SlateEntry entry) => new(entry.Position, entry.Item.Value, WireNames.Of(entry.Kind), entry.Score,
        entry.Heads.ToDictionary(head => ActionNames.Of(head.Action), head => (double)head.Probability),
        entry.Propensity < 1 ? entry.Propensity : null, entry.Ad is { } ad ? new(ad.Advertiser.Value, ad.EcpmMicros, ad.PriceMicros) : null);

    private static bool WantsTiming(HttpRequest request) => request.Query["timing"] == "1" || request.Headers["x-recs-timing"] == "1";

    // W3C Server Timing: milliseconds. "total" also has what lies between the stages.
    private static string Timing(RankedDecision decision)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"queue;dur={decision.Queued.TotalMilliseconds:0.###}");
        if (decision.Inputs.Times is { } times)
            foreach (var stage in Enum.GetValues<RankStage>()) text.Append(CultureInfo.InvariantCulture, $", {WireNames.Of(stage)};dur={times[stage].TotalMilliseconds:0.###}");
        return text.Append(CultureInfo.InvariantCulture, $", total;dur={decision.Took.TotalMilliseconds:0.###}").ToString();
    }
}

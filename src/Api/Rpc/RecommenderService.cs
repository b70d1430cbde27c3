using System.Text;
using Grpc.Core;
using Recs.Api.Contracts;
using Recs.Api.Contracts.Protobuf;
using Recs.Api.Endpoints;
using Recs.Api.Keys;
using Recs.Api.Ranking;
using Recs.Api.Serving;

namespace Recs.Api.Rpc;

/// <summary>The contract over gRPC: it only turns messages into those of the HTTP endpoints and back, so that checks and answers are the same.</summary>
internal sealed class RecommenderService(RankService ranking, EventPublishing publishing, RequestIds ids, ApiOptions options, TimeProvider clock) : Recommender.RecommenderBase
{
    private readonly RankQuestion _question = new(options, clock);

    [RequiredScope(ApiScopes.Rank)]
    public override async Task<RankReply> Rank(RankCall request, ServerCallContext context)
    {
        var begun = clock.GetTimestamp();
        var http = context.GetHttpContext();
        var id = ids.Next();
        var body = new RankBody
        {
            User = request.User,
            Surface = request.HasSurface ? request.Surface : null,
            N = request.HasN ? request.N : null,
            Kinds = request.Kinds.Count == 0 ? null : request.Kinds,
            Explain = request.Explain,
            Time = request.HasTime ? request.Time : null,
            DeadlineMs = request.HasDeadlineMs ? request.DeadlineMs : null,
        };
        var asked = _question.Request(body, id, Caller.Of(http));
        if (request.Candidates is { } list) asked = asked with { Candidates = _question.Candidates(list.Items) };
        var decision = await ranking.RankAsync(id, asked, Shorter(RankQuestion.Budget(body), Left(context)), begun, context.CancellationToken);
        http.Response.OnCompleted(() =>
        {
            ranking.Answered(decision);
            return Task.CompletedTask;
        });
        return RankReplies.Of(RankEndpoint.Answer(decision));
    }

    [RequiredScope(ApiScopes.Events)]
    public override async Task<PublishReply> Publish(PublishCall request, ServerCallContext context)
    {
        var answer = await publishing.PublishAsync(request.Events.Count, at => Encoding.UTF8.GetBytes(request.Events[at]), context.CancellationToken);
        return new() { Accepted = answer.Accepted, ByType = { answer.Types.ToDictionary() } };
    }

    // The call's deadline is a moment of the client's clock, sent as what is left of it.
    private TimeSpan? Left(ServerCallContext context) => context.Deadline == DateTime.MaxValue ? null : context.Deadline - clock.GetUtcNow().UtcDateTime;

    private static TimeSpan? Shorter(TimeSpan? one, TimeSpan? other) => one is { } a && other is { } b ? (a < b ? a : b) : one ?? other;
}

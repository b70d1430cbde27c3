using Recs.Api.Contracts;
using Recs.Api.Contracts.Protobuf;

namespace Recs.Api.Rpc;

/// <summary>Turns the HTTP answer into the message: field by field the same.</summary>
internal static class RankReplies
{
    public static RankReply Of(RankAnswer answer)
    {
        var reply = new RankReply
        {
            RequestId = answer.RequestId,
            DecisionId = answer.DecisionId,
            Degraded = answer.Degraded,
            Versions = new() { Model = answer.Versions.Model, Embedding = answer.Versions.Embedding, Policy = answer.Versions.Policy },
            Slate = { answer.Slate.Select(Of) },
        };
        foreach (var (layer, arm) in answer.Experiments ?? System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty) reply.Experiments.Add(layer, arm);
        if (answer.Explain is { } explain) reply.Explain = Of(explain);
        return reply;
    }

    private static RankedItem Of(RankedEntry entry)
    {
        var item = new RankedItem { Position = entry.Position, Item = entry.Item, Kind = entry.Kind, Score = entry.Score };
        foreach (var (action, probability) in entry.Heads) item.Heads.Add(action, probability);
        if (entry.Propensity is { } propensity) item.Propensity = propensity;
        if (entry.Ad is { } ad) item.Ad = new() { Advertiser = ad.Advertiser, EcpmMicros = ad.EcpmMicros, PriceMicros = ad.PriceMicros };
        return item;
    }

    private static Explanation Of(RankExplanation explain) => new()
    {
        Candidates = explain.Candidates,
        Removed = { explain.Removed.Select(removed => new RemovedItem { Item = removed.Item, Reason = removed.Reason, Detail = removed.Detail }) },
        Displaced =
        {
            explain.Displaced.Select(displaced => new DisplacedItem
            {
                Position = displaced.Position, Ad = displaced.Ad, Content = displaced.Content, AdWorth = displaced.AdWorth, ContentValue = displaced.ContentValue, Reason = displaced.Reason,
            }),
        },
        SkippedSources = { explain.SkippedSources },
    };
}

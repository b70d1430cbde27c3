using System.ComponentModel;
using System.Text.Json;

namespace Recs.Api.Contracts;

/// <summary>What <c>GET /v1/decisions/{id}</c> answers.</summary>
internal sealed record DecisionAnswer(
    string DecisionId,
    string RequestId,
    [property: Description("The moment ranked for.")] string Time,
    string User,
    string Surface,
    RankVersions Versions,
    [property: Description("Of the program that made it.")] string Code,
    string Degraded,
    [property: Description("layer=arm, joined by commas; absent without experiments.")] string? Experiments,
    [property: Description("How many candidates were looked at.")] int Candidates,
    [property: Description("The answer that was given.")] JsonElement Answer,
    [property: Description("What the filters took out; details only where the request asked to explain.")] IReadOnlyList<RemovedCandidate> Removed,
    [property: Description("What the filters kept.")] IReadOnlyList<DecisionContender> Contenders,
    [property: Description("Only where replay=1 was asked for.")] DecisionReplayAnswer? Replay);

/// <summary>A candidate that was scored.</summary>
internal sealed record DecisionContender(
    string Item,
    [property: Description("Since it came into being.")] long AgeSeconds,
    [property: Description("Whether it counted as new.")] bool IsNew,
    [property: Description("Absent for content.")] DecisionAdTerms? Ad);

/// <summary>What an ad brought into the auction.</summary>
internal sealed record DecisionAdTerms(
    string Advertiser,
    [property: Description("thousand, click or conversion.")] string Per,
    [property: Description("The most it could pay for one event, pacing and budget considered.")] long MostMicros);

/// <summary>A decision made again.</summary>
internal sealed record DecisionReplayAnswer(
    [property: Description("Whether the answer is the same, byte for byte; absent where it could not be made.")] bool? Equal,
    [property: Description("Why not.")] string? Reason,
    [property: Description("The answer made now, where it differs.")] JsonElement? Answer);

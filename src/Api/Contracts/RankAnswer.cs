using System.ComponentModel;

namespace Recs.Api.Contracts;

/// <summary>What <c>POST /v1/rank</c> answers.</summary>
internal sealed record RankAnswer(
    [property: Description("Put it into the impression and interaction events that follow.")] string RequestId,
    [property: Description("Names this decision.")] string DecisionId,
    [property: Description("What to show, in order; empty when no candidate is left.")] IReadOnlyList<RankedEntry> Slate,
    [property: Description("\"none\", or what was missing: \"no embeddings\".")] string Degraded,
    RankVersions Versions,
    [property: Description("Only when explain was asked for.")] RankExplanation? Explain);

/// <summary>One place of the slate.</summary>
internal sealed record RankedEntry(
    [property: Description("1 is the first.")] int Position,
    string Item,
    [property: Description("content or ad.")] string Kind,
    [property: Description("The policy's value of showing it.")] double Score,
    [property: Description("Calibrated probability of each predicted action.")] IReadOnlyDictionary<string, double> Heads,
    [property: Description("The probability with which this item was put here, where it was drawn; put it into the impression event. Absent: 1.")] double? Propensity,
    [property: Description("The auction's outcome; absent for content.")] RankedAd? Ad);

/// <summary>An ad's place in the auction.</summary>
internal sealed record RankedAd(
    string Advertiser,
    [property: Description("Expected revenue of a thousand impressions at the bid, in millionths of the currency.")] long EcpmMicros,
    [property: Description("Owed each time the bid's event happens, in millionths of the currency; put it into the impression event.")] long PriceMicros);

/// <summary>Everything the answer depends on.</summary>
internal sealed record RankVersions(string Model, string Embedding, string Policy);

/// <summary>How the slate came about.</summary>
internal sealed record RankExplanation(
    [property: Description("How many candidates were looked at.")] int Candidates,
    IReadOnlyList<RemovedCandidate> Removed,
    [property: Description("Content that gave way to an ad, and what the two were worth.")] IReadOnlyList<DisplacedContent> Displaced,
    [property: Description("Sources of candidates that failed or were late, with the reason.")] IReadOnlyList<string> SkippedSources);

/// <summary>Content that would have stood where an ad stands.</summary>
internal sealed record DisplacedContent(int Position, string Ad, string Content, double AdWorth, double ContentValue, string Reason);

/// <summary>A candidate that cannot stand in the slate.</summary>
internal sealed record RemovedCandidate(string Item, string Reason, string Detail);

namespace Recs.Domain.Decisions;

/// <summary>One answer of the ranking API and what it was made from: an entry of the decision ledger.</summary>
public sealed record Decision
{
    /// <summary>The answer's <c>decision_id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The answer's <c>request_id</c>: impressions and interactions carry it.</summary>
    public required RequestId Request { get; init; }

    /// <summary>The moment ranked for.</summary>
    public required Timestamp Time { get; init; }

    /// <summary>For whom.</summary>
    public required UserId User { get; init; }

    /// <summary>Where the slate was to be shown.</summary>
    public required string Surface { get; init; }

    /// <summary>What the answer depends on.</summary>
    public required DecisionVersions Versions { get; init; }

    /// <summary>The answer's <c>degraded</c>.</summary>
    public required string Degraded { get; init; }

    /// <summary>The arms the request fell into, "layer=arm" joined by commas; empty without experiments.</summary>
    public string Experiments { get; init; } = "";

    /// <summary>How many candidates were looked at.</summary>
    public required int Candidates { get; init; }

    /// <summary>What was put where.</summary>
    public required IReadOnlyList<DecidedPlace> Places { get; init; }

    /// <summary>How many candidates were taken out before scoring, by reason.</summary>
    public required IReadOnlyDictionary<string, int> Removed { get; init; }

    /// <summary>The body of the answer, UTF-8 JSON, byte for byte.</summary>
    public required byte[] Answer { get; init; }

    /// <summary>What it was composed from, packed; empty where that was too large to keep.</summary>
    public required byte[] Inputs { get; init; }
}

/// <summary>Everything an answer depends on.</summary>
/// <param name="Model">Of the heads.</param>
/// <param name="Embedding">Of the item vectors, or "none".</param>
/// <param name="Policy">Of the rules.</param>
/// <param name="Code">Of the program that composed it.</param>
public sealed record DecisionVersions(string Model, string Embedding, string Policy, string Code);

/// <summary>One place of an answer.</summary>
/// <param name="Position">1 is the first.</param>
/// <param name="Item">What stood there.</param>
/// <param name="IsAd">Whether it was an ad.</param>
/// <param name="Score">The policy's value.</param>
/// <param name="Propensity">In (0, 1].</param>
/// <param name="Advertiser">Of an ad; null for content.</param>
/// <param name="EcpmMicros">Of an ad, at its bid; 0 for content.</param>
/// <param name="PriceMicros">Of an ad, for each billed event; 0 for content.</param>
public sealed record DecidedPlace(int Position, ItemId Item, bool IsAd, double Score, double Propensity, AdvertiserId? Advertiser, long EcpmMicros, long PriceMicros);

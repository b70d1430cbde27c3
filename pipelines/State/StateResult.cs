using System.Text.Json.Serialization;

namespace Recs.Pipelines.State;

/// <summary>What <c>recs state --json</c> writes.</summary>
/// <param name="Events">Facts by type.</param>
/// <param name="Duplicates">Resends dropped.</param>
/// <param name="DeadLetters">Messages refused.</param>
/// <param name="Items">Items of the folded state.</param>
/// <param name="Users">Users of the folded state.</param>
/// <param name="FeatureRows">Series of counters of the folded state.</param>
/// <param name="Offsets">The next offset by "topic/partition".</param>
/// <param name="Digest">Equal for two stores if and only if events and state are.</param>
/// <param name="Gaps">What an operator's --reset left out, oldest first.</param>
/// <param name="Verified">Only with <c>--verify</c>: whether all facts folded from the beginning had this digest.</param>
internal sealed record StateResult(
    IReadOnlyDictionary<string, long> Events, long Duplicates, long DeadLetters, long Items, long Users, long FeatureRows,
    IReadOnlyDictionary<string, long> Offsets, string Digest, IReadOnlyList<StateGap> Gaps, bool? Verified)
{
    /// <summary>Events that came too late to be told apart from resends, kept apart.</summary>
    public required long Late { get; init; }

    /// <summary>Events refused because their user was erased.</summary>
    public required long Erased { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(StateResult))]
internal sealed partial class StateJson : JsonSerializerContext;

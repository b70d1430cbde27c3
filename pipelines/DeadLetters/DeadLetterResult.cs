using System.Text.Json.Serialization;
using Recs.Storage;

namespace Recs.Pipelines.DeadLetters;

/// <summary>What <c>recs dlq list --json</c> writes.</summary>
/// <param name="Total">Dead letters in the store.</param>
/// <param name="Matching">Those that the filter lets through.</param>
/// <param name="Counts">Of these, by state and reason.</param>
/// <param name="DeadLetters">Those listed.</param>
internal sealed record DeadLetterResult(long Total, long Matching, IReadOnlyList<DeadLetterCount> Counts, IReadOnlyList<DeadLetterLine> DeadLetters);

/// <summary>How many are in a state for a reason; both in snake case.</summary>
internal sealed record DeadLetterCount(string State, string Reason, long Count);

/// <summary>A refused message.</summary>
/// <param name="Topic">Where it came from.</param>
/// <param name="Partition">Where it came from.</param>
/// <param name="Offset">Where it came from.</param>
/// <param name="Reason">The kind of fault, in snake case.</param>
/// <param name="Detail">The field, its value and its limit.</param>
/// <param name="Raw">The first bytes, printable.</param>
/// <param name="State">What became of it.</param>
/// <param name="Changed">When that changed last, or null.</param>
/// <param name="Note">Of whoever changed it; empty for none.</param>
/// <param name="Known">Its Kafka timestamp.</param>
/// <param name="Bytes">How many it has.</param>
/// <param name="ContentHash">SHA-256 of them.</param>
internal sealed record DeadLetterLine(
    string Topic, int Partition, long Offset, string Reason, string Detail, string Raw, string State, string? Changed, string Note, string Known, int Bytes, string ContentHash)
{
    public static DeadLetterLine Of(KeptDeadLetter kept, string raw) => new(
        kept.Letter.Partition.Topic, kept.Letter.Partition.Partition, kept.Letter.Offset, DeadLetterFilterOptions.Name(kept.Letter.Rejection.Reason), kept.Letter.Rejection.Detail, raw,
        DeadLetterFilterOptions.Name(kept.State), kept.Changed?.ToString(), kept.Note, kept.Letter.Known.ToString(), kept.Letter.Raw.Length, kept.Key.ContentHash);
}

/// <summary>What <c>recs dlq show --json</c> writes: the letters at one place, mostly one.</summary>
internal sealed record DeadLetterShown(IReadOnlyList<DeadLetterWhole> DeadLetters);

/// <summary>A letter with all of its bytes.</summary>
/// <param name="Letter">What it is.</param>
/// <param name="Key">The message's key, base64; null for none.</param>
/// <param name="Value">The message, base64.</param>
/// <param name="Now">What today's code says of it: null where it is an event now.</param>
internal sealed record DeadLetterWhole(DeadLetterLine Letter, string? Key, string Value, string? Now);

/// <summary>What <c>recs dlq retry --json</c> writes.</summary>
/// <param name="Read">Letters looked at.</param>
/// <param name="Retried">Those that are events now: stored, or published.</param>
/// <param name="Appended">Facts not seen before; 0 when they were published.</param>
/// <param name="Duplicates">Facts that were there already.</param>
/// <param name="StillRefused">Those that are none; they stay as they are.</param>
internal sealed record RetryResult(long Read, long Retried, long Appended, long Duplicates, long StillRefused);

/// <summary>What <c>recs dlq drop --json</c> writes.</summary>
internal sealed record DropResult(long Dropped);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(DeadLetterResult))]
[JsonSerializable(typeof(DeadLetterShown))]
[JsonSerializable(typeof(RetryResult))]
[JsonSerializable(typeof(DropResult))]
internal sealed partial class DeadLetterJson : JsonSerializerContext;

using System.Globalization;
using Recs.Storage;

namespace Recs.Pipelines.Ingest;

/// <summary>What a reset left out, for a person: one line a gap.</summary>
internal static class GapLines
{
    public static string Of(IReadOnlyList<StreamGap> gaps) => string.Join('\n', gaps.Select(Line));

    private static string Line(StreamGap gap) => string.Create(CultureInfo.InvariantCulture,
        $"gap: {gap.Partition.Topic}/{gap.Partition.Partition} of group {gap.Group} moved from {gap.From} to {gap.To} by --reset {gap.How} at {gap.At}: {What(gap)}");

    private static string What(StreamGap gap) => gap.To > gap.From
        ? string.Create(CultureInfo.InvariantCulture, $"{gap.To - gap.From} offsets are not in the store")
        : "the topic is not the one that was read before";
}

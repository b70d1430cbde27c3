using Recs.Storage;

namespace Recs.Pipelines.State;

/// <summary>A stretch of a partition that the group has not read, as <c>recs state --json</c> writes it.</summary>
/// <param name="Topic">Where.</param>
/// <param name="Partition">Where.</param>
/// <param name="From">The next offset before; 0 for a partition never read.</param>
/// <param name="To">The next offset after; lower where the topic was made anew.</param>
/// <param name="At">When it was moved.</param>
/// <param name="How">The operator's switch.</param>
internal sealed record StateGap(string Topic, int Partition, long From, long To, string At, string How)
{
    public static StateGap Of(StreamGap gap) => new(gap.Partition.Topic, gap.Partition.Partition, gap.From, gap.To, gap.At.ToString(), gap.How);
}

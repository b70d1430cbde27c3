namespace Recs.Features.Embedding;

/// <summary>
/// The rows of a table nearest to a direction, by dot product and then by row: one pass over all of them, in which most are passed over by what <see cref="CoarseVectors"/> say that
/// their products are at most. Immutable; safe from any thread.
/// </summary>
internal sealed class NearestRows
{
    /// <summary>Rows that are worth a thread of their own: some 50 µs at 256 dimensions.</summary>
    private const int LeastOfPart = 2_048;

    private static readonly IComparer<(float Product, int Row)> Nearer = Comparer<(float Product, int Row)>.Create((a, b) =>
        a.Product != b.Product ? a.Product.CompareTo(b.Product) : b.Row.CompareTo(a.Row));

    private readonly float[] _values;
    private readonly int _dimensions, _rows;
    private readonly CoarseVectors _coarse;

    /// <param name="values">[rows × dimensions], row-major; kept, not copied.</param>
    /// <param name="dimensions">At least 1 where there are rows.</param>
    public NearestRows(float[] values, int dimensions) =>
        (_values, _dimensions, _rows, _coarse) = (values, dimensions, dimensions == 0 ? 0 : values.Length / dimensions, new CoarseVectors(values, dimensions));

    /// <summary>Up to <paramref name="count"/> rows, nearest first.</summary>
    /// <param name="direction">[dimensions]</param>
    /// <param name="count">At most so many.</param>
    /// <param name="except">A row that is not looked at, or −1.</param>
    public int[] Find(ReadOnlySpan<float> direction, int count, int except = -1) =>
        count <= 0 ? [] : Ordered(Best(_coarse.Towards(direction), direction, 0, _rows, except, count, CancellationToken.None));

    /// <summary>The same with the pass shared among threads: what is among the nearest of all is among the nearest of its part.</summary>
    /// <param name="direction">[dimensions]</param>
    /// <param name="count">At most so many.</param>
    /// <param name="threads">At most so many, the caller's among them.</param>
    /// <param name="cancel">Gives up in the middle of the pass.</param>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public int[] Find(float[] direction, int count, int threads, CancellationToken cancel)
    {
        if (count <= 0) return [];
        var parts = Math.Clamp(_rows / LeastOfPart, 1, threads);
        var (bound, found) = (_coarse.Towards(direction), new PriorityQueue<int, (float Product, int Row)>[parts]);
        if (parts == 1) found[0] = Best(bound, direction, 0, _rows, except: -1, count, cancel);
        else Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancel }, part =>
            found[part] = Best(bound, direction, (int)((long)_rows * part / parts), (int)((long)_rows * (part + 1) / parts), except: -1, count, cancel));
        var best = found[0];
        foreach (var part in found[1..])
            while (part.TryDequeue(out var row, out var nearness))
                if (best.Count < count) best.Enqueue(row, nearness);
                else best.EnqueueDequeue(row, nearness);
        return Ordered(best);
    }

    /// <summary>The nearest rows from <paramref name="first"/> to before <paramref name="end"/>, the least near at the head.</summary>
    private PriorityQueue<int, (float Product, int Row)> Best(CoarseVectors.Bound bound, ReadOnlySpan<float> direction, int first, int end, int except, int count, CancellationToken cancel)
    {
        var least = float.NegativeInfinity;
        var best = new PriorityQueue<int, (float Product, int Row)>(Math.Min(count, end - first), Nearer);
        for (var row = first; row < end; row++)
        {
            if (row == except) continue;
            if ((row & 1_023) == 0) cancel.ThrowIfCancellationRequested();
            var isFull = best.Count == count;
            if (isFull && bound.Of(row) < least) continue;
            var product = Cosines.Dot(direction, _values.AsSpan(row * _dimensions, _dimensions));
            if (isFull) best.EnqueueDequeue(row, (product, row));
            else best.Enqueue(row, (product, row));
            if (best.Count == count) least = best.TryPeek(out _, out var last) ? last.Product : least;
        }
        return best;
    }

    private static int[] Ordered(PriorityQueue<int, (float Product, int Row)> best)
    {
        var rows = new int[best.Count];
        for (var at = rows.Length - 1; at >= 0; at--) rows[at] = best.Dequeue();
        return rows;
    }
}

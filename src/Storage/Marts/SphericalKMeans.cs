using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Recs.Storage.Marts;

/// <summary>
/// Groups of vectors that point the same way: k-means on the unit sphere (Dhillon and Modha 2001), begun as k-means++ does (Arthur and Vassilvitskii 2007) with
/// 1 - cosine for the squared distance. Equal input gives equal bits, on any number of threads and any machine: a sum is always taken in the order of the vectors, with four
/// lanes that no processor's width changes, and each thread only ever does whole sums.
/// </summary>
internal static class SphericalKMeans
{
    /// <summary>Most inputs settle within twenty; what has not by then hardly moves.</summary>
    public const int MostRounds = 50;

    /// <summary>Vectors nearer than this are one direction: rounding makes no clusters.</summary>
    private const double Nothing = 1e-12;

    private const int Chunk = 256;

    /// <summary>Finds the groups.</summary>
    /// <param name="vectors">All of one length and none of them zero; their own lengths do not count.</param>
    /// <param name="clusters">At least 1; fewer come out where there are fewer directions.</param>
    /// <param name="seed">Of the first centres.</param>
    /// <param name="threads">At most so many at once; the answer does not depend on it.</param>
    /// <param name="cancel">Ends it between two rounds.</param>
    public static Grouping Run(IReadOnlyList<float[]> vectors, int clusters, int seed, int threads, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clusters, 1);
        if (vectors.Count == 0) return new([], [], []);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancel };
        var points = new Points(vectors, parallel);
        var centres = Begin(points, clusters, new Random(seed));
        var (at, cosine) = (new int[vectors.Count], new double[vectors.Count]);
        Array.Fill(at, -1);
        List<double> spreads = [];
        while (spreads.Count < MostRounds)
        {
            var before = at.ToArray();
            points.EachChunk((from, to) => Assign(points, centres, at, cosine, from, to));
            FillEmpty(points, centres, at, cosine);
            spreads.Add(cosine.Sum(near => 1 - near));
            if (at.AsSpan().SequenceEqual(before)) break;
            if (spreads.Count < MostRounds) Move(points, centres, at, parallel);
        }
        return new(at, cosine, spreads);
    }

    /// <summary>The first centre at random, each further one with a chance in proportion to a vector's distance from those before.</summary>
    private static List<double[]> Begin(Points points, int clusters, Random random)
    {
        List<double[]> centres = [points.Unit(random.Next(points.Count))];
        var distance = new double[points.Count];
        Array.Fill(distance, double.MaxValue);
        while (centres.Count < clusters)
        {
            var newest = centres[^1];
            points.EachChunk((from, to) =>
            {
                for (var point = from; point < to; point++)
                {
                    var far = 1 - points.Cosine(point, newest);
                    distance[point] = Math.Min(distance[point], far > Nothing ? far : 0);
                }
            });
            var total = distance.Sum(far => far);
            if (total <= 0) break; // every direction is a centre
            var target = random.NextDouble() * total;
            var (chosen, sum) = (-1, 0.0);
            for (var point = 0; point < distance.Length && sum <= target; point++)
            {
                if (distance[point] > 0) chosen = point;
                sum += distance[point];
            }
            centres.Add(points.Unit(chosen));
        }
        return centres;
    }

    /// <summary>Each vector goes to the nearest centre, of two equally near to the lower number.</summary>
    private static void Assign(Points points, List<double[]> centres, int[] at, double[] cosine, int from, int to)
    {
        for (var point = from; point < to; point++)
        {
            var (best, nearest) = (0, double.NegativeInfinity);
            for (var cluster = 0; cluster < centres.Count; cluster++)
            {
                var near = points.Cosine(point, centres[cluster]);
                if (near > nearest) (best, nearest) = (cluster, near);
            }
            (at[point], cosine[point]) = (best, Math.Min(1, nearest));
        }
    }

    /// <summary>A centre that has lost all its vectors takes the one that lies farthest from its own, out of a group of several: that only brings vectors nearer.</summary>
    private static void FillEmpty(Points points, List<double[]> centres, int[] at, double[] cosine)
    {
        var sizes = new int[centres.Count];
        foreach (var cluster in at) sizes[cluster]++;
        for (var empty = 0; empty < sizes.Length; empty++)
        {
            if (sizes[empty] > 0) continue;
            var farthest = -1;
            for (var point = 0; point < at.Length; point++)
                if (sizes[at[point]] > 1 && 1 - cosine[point] > Nothing && (farthest < 0 || cosine[point] < cosine[farthest])) farthest = point;
            if (farthest < 0) return; // as many groups as directions
            sizes[at[farthest]]--;
            sizes[empty]++;
            (at[farthest], cosine[farthest], centres[empty]) = (empty, 1, points.Unit(farthest));
        }
    }

    /// <summary>Each centre goes to the direction of its vectors' sum; where they cancel out every direction is as good, and it stays.</summary>
    private static void Move(Points points, List<double[]> centres, int[] at, ParallelOptions parallel)
    {
        var members = at.Select((cluster, point) => (cluster, point)).ToLookup(pair => pair.cluster, pair => pair.point);
        Parallel.For(0, centres.Count, parallel, cluster =>
        {
            var sum = new double[points.Dimensions];
            foreach (var point in members[cluster]) points.AddTo(sum, point);
            var length = Math.Sqrt(sum.Sum(value => value * value));
            if (length > Nothing) centres[cluster] = Array.ConvertAll(sum, value => value / length);
        });
    }

    /// <summary>The vectors with their lengths, which are 1 but for rounding where they are embeddings.</summary>
    private sealed class Points
    {
        private readonly IReadOnlyList<float[]> _vectors;
        private readonly double[] _lengths;
        private readonly ParallelOptions _parallel;

        public Points(IReadOnlyList<float[]> vectors, ParallelOptions parallel)
        {
            (_vectors, _parallel, _lengths) = (vectors, parallel, new double[vectors.Count]);
            EachChunk((from, to) =>
            {
                for (var point = from; point < to; point++) _lengths[point] = Math.Sqrt(vectors[point].Sum(value => (double)value * value));
            });
        }

        public int Count => _vectors.Count;

        public int Dimensions => _vectors[0].Length;

        public double[] Unit(int point) => Array.ConvertAll(_vectors[point], value => value / _lengths[point]);

        public void AddTo(double[] sum, int point)
        {
            var (vector, length) = (_vectors[point], _lengths[point]);
            for (var at = 0; at < sum.Length; at++) sum[at] += vector[at] / length;
        }

        public double Cosine(int point, double[] centre)
        {
            var vector = _vectors[point];
            ref var values = ref MemoryMarshal.GetArrayDataReference(vector);
            ref var others = ref MemoryMarshal.GetArrayDataReference(centre);
            var (low, high, at) = (Vector128<double>.Zero, Vector128<double>.Zero, 0);
            for (; at + 4 <= vector.Length; at += 4)
            {
                var four = Vector128.LoadUnsafe(ref values, (nuint)at);
                low += Vector128.WidenLower(four) * Vector128.LoadUnsafe(ref others, (nuint)at);
                high += Vector128.WidenUpper(four) * Vector128.LoadUnsafe(ref others, (nuint)at + 2);
            }
            var sum = Vector128.Sum(low + high);
            for (; at < vector.Length; at++) sum += vector[at] * centre[at];
            return sum / _lengths[point];
        }

        public void EachChunk(Action<int, int> work) =>
            Parallel.For(0, (_vectors.Count + Chunk - 1) / Chunk, _parallel, chunk => work(chunk * Chunk, Math.Min(_vectors.Count, (chunk + 1) * Chunk)));
    }
}

/// <summary>What k-means found.</summary>
/// <param name="Cluster">Of each vector, from 0; a number may be left out.</param>
/// <param name="Cosine">Of each vector to its cluster's centre.</param>
/// <param name="Spreads">The sum of 1 - cosine after each round: what is made small.</param>
internal sealed record Grouping(int[] Cluster, double[] Cosine, IReadOnlyList<double> Spreads);

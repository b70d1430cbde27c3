using System.Globalization;
using Recs.Domain;
using Recs.Domain.Embeddings;

namespace Recs.Storage.Marts;

/// <summary>The cluster that an item's vector is in.</summary>
/// <param name="Item">Whose vector.</param>
/// <param name="Cluster">From 1, the largest cluster; of two as large, the one with the lowest item id.</param>
/// <param name="Cosine">Of the vector to the cluster's centre.</param>
internal readonly record struct ItemCluster(ItemId Item, int Cluster, double Cosine)
{
    /// <summary>Grows when the same vectors come out otherwise than in earlier builds: clusters made before are made anew.</summary>
    public const int Revision = 1;

    public const int LeastClusters = 2, MostClusters = 64;

    private const int Seed = 20240229;

    /// <summary>How many clusters so many items are put into: the root of half of them, the rule of thumb of Mardia, Kent and Bibby (1979), within bounds that a table can be read in.</summary>
    public static int CountFor(int items) => Math.Min(items, Math.Clamp((int)Math.Round(Math.Sqrt(items / 2.0), MidpointRounding.AwayFromZero), LeastClusters, MostClusters));

    /// <summary>The clusters of vectors of one version, in the order of the items' ids. Neither the order of <paramref name="embeddings"/> nor <paramref name="threads"/> changes them.</summary>
    /// <exception cref="RefusedException">The vectors are of two lengths.</exception>
    public static List<ItemCluster> Of(IEnumerable<ItemEmbedding> embeddings, int threads, CancellationToken cancel = default)
    {
        // What has no direction has no cluster.
        var directed = embeddings.Where(embedding => embedding.Vector.Any(value => value != 0)).OrderBy(embedding => embedding.Item.Value, StringComparer.Ordinal).ToList();
        if (directed.Count == 0) return [];
        if (directed.Find(embedding => embedding.Vector.Length != directed[0].Vector.Length) is { } other)
            throw new RefusedException(string.Create(CultureInfo.InvariantCulture, $"vectors of version {other.Version} are of two lengths: {directed[0].Item} has {directed[0].Vector.Length} numbers, {other.Item} has {other.Vector.Length}; embed one of them anew"));
        var found = SphericalKMeans.Run(directed.ConvertAll(embedding => embedding.Vector), CountFor(directed.Count), Seed, threads, cancel);
        var numbers = found.Cluster.Select((cluster, at) => (cluster, at)).GroupBy(pair => pair.cluster, pair => pair.at)
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Min()) // items are in the order of their ids
            .Select((group, at) => (group.Key, Number: at + 1)).ToDictionary(pair => pair.Key, pair => pair.Number);
        return [.. directed.Select((embedding, at) => new ItemCluster(embedding.Item, numbers[found.Cluster[at]], found.Cosine[at]))];
    }
}

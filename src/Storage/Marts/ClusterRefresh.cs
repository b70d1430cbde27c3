namespace Recs.Storage.Marts;

/// <summary>What a refresh did to the clusters of embeddings.</summary>
/// <param name="Version">The embedding version saved last; null where there is none.</param>
/// <param name="IsMade">Whether they were made anew: the version or the set of its vectors has changed since the last time.</param>
/// <param name="Items">With a cluster.</param>
/// <param name="Clusters">Found among them.</param>
public sealed record ClusterRefresh(string? Version, bool IsMade, long Items, int Clusters);

using Recs.Domain;

namespace Recs.Pipelines.Datasets.MovieLens;

/// <summary>One rating of a film.</summary>
/// <param name="Id">Distinct in its data set.</param>
/// <param name="User">Who.</param>
/// <param name="Film">Which film.</param>
/// <param name="Liked">Whether the protocol calls it a like.</param>
/// <param name="Time">When, to the second.</param>
internal readonly record struct Rating(string Id, string User, string Film, bool Liked, Timestamp Time);

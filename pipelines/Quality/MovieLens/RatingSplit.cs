using Recs.Domain;
using Recs.Domain.Events;

namespace Recs.Pipelines.Quality.MovieLens;

/// <summary>A data set of ratings with its periods.</summary>
/// <param name="Facts">All events, in the order of the store.</param>
/// <param name="Valid">Where validation begins; all state stands still from here in the frozen regime.</param>
/// <param name="Test">Where the test begins, or null where validation is judged.</param>
internal sealed record RatingSplit(IReadOnlyList<Fact> Facts, Timestamp Valid, Timestamp? Test);

using Recs.Domain;
using Recs.Pipelines.Datasets.MovieLens;
using Recs.Pipelines.Quality.MovieLens;

namespace Recs.Pipelines.Quality.Collm;

/// <summary>The last 20 months of MovieLens-1M by CoLLM's split: ten months to learn from, five of validation, five of test.</summary>
internal sealed class CollmProtocol : RatingProtocol
{
    public override string Dataset => "collm-ml1m";

    public override string TestFile => "ratings in the layout of valid.tsv";

    protected override string Text => "CoLLM's split of MovieLens-1M by time (arXiv 2310.19488): train.tsv, then valid.tsv, then the test; a like is more than three stars";

    protected override Regime Reported => Regime.Frozen;

    protected override RatingSplit Read(QualityRequest request)
    {
        var train = CollmFiles.Ratings(Path.Combine(request.Data, "train.tsv"), "train");
        var valid = CollmFiles.Ratings(Path.Combine(request.Data, "valid.tsv"), "valid");
        var test = request.Test is null ? [] : CollmFiles.Ratings(request.Test, "test");
        Follow(train, valid, "valid.tsv", "train.tsv");
        if (request.Test is not null) Follow(valid, test, request.Test, "valid.tsv");
        return new(Datasets.Dataset.InOrder(RatingEvents.Of([.. train, .. valid, .. test], CollmFiles.Films(request.Data), [])),
            valid.Min(rating => rating.Time), request.Test is null ? null : test.Min(rating => rating.Time));
    }

    private static void Follow(IReadOnlyList<Rating> earlier, IReadOnlyList<Rating> later, string name, string before)
    {
        var (last, first) = (earlier.Max(rating => rating.Time), later.Min(rating => rating.Time));
        if (first <= last) throw new RefusedException($"{name} begins at {first}, before {before} ends at {last}; the split is by time");
    }
}

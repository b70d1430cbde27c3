using Recs.Domain;
using Recs.Pipelines.Datasets.MovieLens;

namespace Recs.Pipelines.Quality.MovieLens;

/// <summary>MovieLens-100k by time: the first 80 % of the ratings to learn from, 10 % of validation, 10 % of test. A test file's ratings take the place of the last tenth.</summary>
internal sealed class MovieLens100kProtocol : RatingProtocol
{
    public override string Dataset => "ml-100k";

    public override string TestFile => "ratings in the layout of u.data, later than the validation period";

    protected override string Text => "MovieLens-100k, 80 / 10 / 10 by time; a like is four stars or five";

    protected override Regime Reported => Regime.Prequential;

    protected override bool JudgesCounters => true;

    protected override RatingSplit Read(QualityRequest request)
    {
        var ratings = MovieLens100kDataset.Ratings(Path.Combine(request.Data, "u.data"));
        var (valid, test) = (ratings[(int)(ratings.Count * 0.8)].Time, ratings[(int)(ratings.Count * 0.9)].Time);
        if (request.Test is null) return new(MovieLens100kDataset.Facts(request.Data, ratings), valid, test);

        var later = MovieLens100kDataset.Ratings(request.Test);
        if (later[0].Time <= valid) throw new RefusedException($"{request.Test} begins at {later[0].Time}; a test file holds ratings after the validation period begins, {valid}");
        return new(MovieLens100kDataset.Facts(request.Data, [.. ratings.Where(rating => rating.Time < later[0].Time), .. later]), valid, later[0].Time);
    }
}

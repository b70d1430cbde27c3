using System.Globalization;
using System.Text.Json;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Ranker.Training;
using Recs.Tests;

namespace Recs.Pipelines.Tests.Quality;

/// <summary><c>recs quality --learner</c> on ratings: made-up users of two tastes and films of two genres, in the layout of MovieLens-100k.</summary>
[Collection(nameof(ConsoleTests))]
public sealed class QualityLearnerTests : IDisposable
{
    private const int Users = 60, Films = 40, RatingsOfUser = 30;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Ratings_EveryLearner_FindsTheTastesInItsOwnWay()
    {
        Requirements.Need("openmp", Learners.Best == Learner.LightGbm, Learners.WhyNotLightGbm ?? "");
        WriteRatings();
        HashSet<string> metrics = [], counters = [];
        foreach (var learner in LearnerOption.Words)
        {
            var result = await Judge("--learner", learner);
            Assert.Contains($"learner: {learner};", result.GetProperty("protocol").GetString(), StringComparison.Ordinal);
            Assert.InRange(result.GetProperty("metrics").GetProperty("auc").GetDouble(), 0.8, 1);
            Assert.InRange(result.GetProperty("metrics").GetProperty("ndcg_at_10").GetDouble(), 0.8, 1);
            Assert.True(metrics.Add(result.GetProperty("metrics").GetRawText()), $"{learner} predicts what another learner does");
            Assert.True(counters.Add(result.GetProperty("ablations").GetProperty("counters").GetRawText()), $"{learner}: its ablations are those of another learner");
        }
        Assert.Equal(6, metrics.Count);

        var plain = await Judge();
        Assert.Contains("learner: blend;", plain.GetProperty("protocol").GetString(), StringComparison.Ordinal);
        Assert.Contains(plain.GetProperty("metrics").GetRawText(), metrics);
        Assert.Contains(plain.GetProperty("ablations").GetProperty("counters").GetRawText(), counters);
    }

    [Theory]
    [InlineData("frappe-x1", "lambdamart", "--learner lambdamart does not go with frappe-x1: possible are lightgbm, fasttree, logistic, ffm, blend")]
    [InlineData("open-bandit", "logistic", "--learner logistic does not go with open-bandit: nothing is learnt there")]
    [InlineData("ipinyou-2997", "lightgbm", "--learner lightgbm does not go with ipinyou-2997: nothing is learnt there")]
    public async Task Quality_LearnerWithoutUse_IsRefusedBeforeAnythingIsRead(string dataset, string learner, string message) =>
        Assert.Contains(message, await RecsProgram.Fail(1, "quality", "--dataset", dataset, "--data", _folder.Path, "--learner", learner), StringComparison.Ordinal);

    private async Task<JsonElement> Judge(params string[] more)
    {
        await RecsProgram.Succeed(["quality", "--dataset", "ml-100k", "--data", _folder.Path, "--json", _folder.In("q.json"), .. more]);
        return JsonDocument.Parse(await File.ReadAllTextAsync(_folder.In("q.json"), TestContext.Current.CancellationToken)).RootElement;
    }

    // Users come in turn all the time, a rating every ten minutes, so that each has several on a day; nine of ten follow the taste.
    private void WriteRatings()
    {
        var random = new Random(11);
        List<string> ratings = [];
        for (var turn = 0; turn < RatingsOfUser; turn++)
            foreach (var user in Enumerable.Range(0, Users))
            {
                var film = (user * 7 + turn * 3) % Films;
                var likes = (film % 2 == user % 2) == (random.Next(10) > 0);
                ratings.Add(string.Create(CultureInfo.InvariantCulture, $"{user + 1}\t{film + 1}\t{(likes ? 5 : 2)}\t{900_000_000 + ratings.Count * 600}"));
            }
        _folder.Write("u.data", string.Join('\n', ratings) + "\n");
        _folder.Write("u.item", string.Concat(Enumerable.Range(0, Films).Select(film => $"{film + 1}|Film {film} ({1950 + film})|01-Jan-1995||none|{string.Join('|', Enumerable.Range(0, 19).Select(genre => genre == (film % 2 == 0 ? 1 : 8) ? 1 : 0))}\n")));
        _folder.Write("u.user", string.Concat(Enumerable.Range(0, Users).Select(user => $"{user + 1}|{20 + user}|{(user % 3 == 0 ? "F" : "M")}|none|00000\n")));
    }
}

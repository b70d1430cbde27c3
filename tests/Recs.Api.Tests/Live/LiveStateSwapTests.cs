using System.Collections.Concurrent;
using Recs.Api.Experiments;
using Recs.Api.Live;
using Recs.Api.Ranking;
using Recs.Domain;
using Recs.Domain.Items;
using Recs.Features.Embedding;
using Recs.Ranker.Slates;

namespace Recs.Api.Tests.Live;

public sealed class LiveStateSwapTests
{
    [Fact]
    public async Task UsePolicy_IsLoggedSettingBySetting_AndABadOneChangesNothing()
    {
        var log = new ConcurrentQueue<string>();
        await using var live = LoadedShop.Load(options: new() { Log = log.Enqueue });
        var next = new SlatePolicy { AdShare = 0, PerAuthor = 2 };
        live.UsePolicy(next);
        Assert.Equal(["ads.share: 0.2 → 0", "feed.per_author: 0 → 2"], log.Select(line => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..]));
        Assert.All(live.Rank(Request("u1")).Entries, entry => Assert.Null(entry.Ad));
        Assert.Throws<RefusedException>(() => live.UsePolicy(next with { AdShare = 7 }));
        Assert.Equal(next.Version, live.Policy.Version);
    }

    [Fact]
    public async Task UseModel_VectorsOfAnotherVersion_AreRefused_ThoseOfItsOwnAreUsed()
    {
        await using var live = LoadedShop.Load(withVectors: false);
        Assert.Equal("none", live.EmbeddingVersion);
        var others = new ItemVectors([.. TinyShop.Embeddings.Select(embedding => embedding with { Version = "other" })]);
        Assert.Contains("version tiny, not other", Assert.Throws<RefusedException>(() => live.UseModel(new(TinyShop.Model, others))).Message, StringComparison.Ordinal);
        live.UseModel(new(TinyShop.Model, new ItemVectors(TinyShop.Embeddings)));
        Assert.Equal("tiny", live.EmbeddingVersion);
        await using var loaded = LoadedShop.Load();
        Assert.Equal(Text(loaded.Rank(Request("u1"))), Text(live.Rank(Request("u1"))));
    }

    [Fact]
    public async Task Swaps_WhileRequestsRun_DropNone()
    {
        await using var shop = await ServedShop.Start();
        var vectors = new ItemVectors(TinyShop.Embeddings);
        using var stop = new CancellationTokenSource();
        var swapping = Task.Run(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                shop.Live.UsePolicy(new SlatePolicy { PerCategory = i % 7 });
                shop.Live.UseModel(new(TinyShop.Model, i % 2 == 0 ? vectors : null));
                shop.Live.UseExperiments(i % 3 == 0 ? ExperimentSet.None : new([new("ads", [new("none", 0.5) { Policy = new Dictionary<string, double> { ["ads.share"] = 0 } }])]));
            }
        });
        var versions = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            var answer = await shop.Rank($$"""{"user":"u{{i % 40}}"}""");
            Assert.Equal(20, answer.GetProperty("slate").GetArrayLength());
            versions.Add(answer.GetProperty("versions").GetRawText());
        });
        await stop.CancelAsync();
        await swapping;
        Assert.True(versions.Distinct().Count() > 1, "no swap was seen");
    }

    [Fact]
    public async Task Experiments_Arm_IsInTheAnswerAndRanksByItsPolicy_AndTheKillSwitchEndsIt()
    {
        await using var shop = await ServedShop.Start();
        var layer = new ExperimentLayer("ads", [new("none", 0.5) { Policy = new Dictionary<string, double> { ["ads.share"] = 0 } }, new("control", 0.25)]);
        shop.Live.UseExperiments(new([layer]));
        var met = new HashSet<string?>();
        for (var i = 0; i < 40; i++)
        {
            var answer = await shop.Rank($$"""{"user":"u{{i}}"}""");
            var arm = answer.TryGetProperty("experiments", out var arms) ? arms.GetProperty("ads").GetString() : null;
            Assert.Equal(layer.ArmOf(new($"u{i}")) is >= 0 and var at ? layer.Arms[at].Name : null, arm);
            Assert.Equal(arm != "none", answer.GetProperty("slate").EnumerateArray().Any(entry => entry.GetProperty("kind").GetString() == "ad"));
            met.Add(arm);
        }
        Assert.Equal(3, met.Count);
        shop.Live.UseExperiments(new([layer with { IsStopped = true }]));
        Assert.False((await shop.Rank("""{"user":"u1"}""")).TryGetProperty("experiments", out _));
        Assert.Contains("no model 'm'", Assert.Throws<RefusedException>(() => shop.Live.UseExperiments(new([new("a", [new("x", 1) { Model = "m" }])]))).Message, StringComparison.Ordinal);
        shop.Live.UseExperiments(new([new("a", [new("x", 1) { Model = "m" }])]), new Dictionary<string, ServedModel> { ["m"] = new(TinyShop.Model, null) });
        Assert.Equal("none", (await shop.Rank("""{"user":"u1"}""")).GetProperty("versions").GetProperty("embedding").GetString());
    }

    [Fact]
    public async Task Shadow_ScoresTheSameRequests_AndChangesNoAnswer()
    {
        await using var shop = await ServedShop.Start();
        var before = (await shop.Rank("""{"user":"u3"}""")).GetProperty("slate").GetRawText();
        var told = new TaskCompletionSource<ShadowScore>(TaskCreationOptions.RunContinuationsAsynchronously);
        shop.Live.UseShadow(new(TinyShop.Model, new ItemVectors(TinyShop.Embeddings)), 1, score => told.TrySetResult(score));
        var answer = await shop.Rank("""{"user":"u3"}""");
        Assert.Equal(before, answer.GetProperty("slate").GetRawText());
        var score = await told.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((answer.GetProperty("decision_id").GetString(), TinyShop.Model.Version, 1.0), (score.DecisionId, score.Model, score.Overlap));
        Assert.Equal(20, score.Slate.Entries.Count);
        Assert.Throws<RefusedException>(() => shop.Live.UseShadow(new(TinyShop.Model, null), 1.5));
    }

    [Fact]
    public void Shadow_Sample_HasItsShare()
    {
        var random = new Random(3);
        var shadow = new ShadowModel(null!, 0.1, null);
        Assert.InRange(Enumerable.Range(0, 20_000).Count(_ => shadow.Samples((ulong)random.NextInt64(long.MinValue, long.MaxValue))), 1_800, 2_200);
        Assert.DoesNotContain(Enumerable.Range(0, 1_000), i => (shadow with { Share = 0 }).Samples((ulong)i));
        Assert.All(Enumerable.Range(0, 1_000), i => Assert.True((shadow with { Share = 1 }).Samples((ulong)i)));
    }

    [Fact]
    public async Task Forget_User_IsNewAfterwards_AndStaysSo()
    {
        await using var shop = await ServedShop.Start();
        shop.Live.Forget(new("u3"));
        var facts = TinyShop.Facts.Count;
        Assert.Equal(Items(await shop.Rank("""{"user":"somebody"}""")), Items(await shop.Rank("""{"user":"u3"}""")));
        await shop.Post("/v1/events", """{"type":"interaction","event_id":"late","schema":1,"time":"2024-03-12T00:00:01Z","user":"u3","item":"p01","action":"conversion","value_micros":1}""");
        await shop.Post("/v1/events", """{"type":"interaction","event_id":"other","schema":1,"time":"2024-03-12T00:00:02Z","user":"u4","item":"p02","action":"click"}""");
        await shop.Folded(facts + 1);
        Assert.Equal(Items(await shop.Rank("""{"user":"somebody"}""")), Items(await shop.Rank("""{"user":"u3"}""")));
    }

    [Fact]
    public void RecentRequests_KeepsTheNewest_AndForgets()
    {
        var recent = new RecentRequests();
        for (var i = 0; i < 100; i++) recent.Add(new Domain.Events.Impression(new($"e{i}"), TinyShop.Start, new($"r{i}"), new($"u{i}"), "home", [new(new("p01"), 1, null, 0)]));
        Assert.Equal(Enumerable.Range(36, 64).Select(i => $"u{i}"), recent.Newest().Select(request => request.User.Value));
        recent.Forget(new("u50"));
        Assert.Equal(63, recent.Newest().Count);
        Assert.DoesNotContain(recent.Newest(), request => request.User.Value == "u50");
    }

    private static string Items(System.Text.Json.JsonElement answer) => string.Join(' ', answer.GetProperty("slate").EnumerateArray().Select(entry => entry.GetProperty("item").GetString()));

    private static string Text(Slate slate) => string.Join('\n', slate.Entries.Select(entry => $"{entry.Item} {entry.Score:R} {entry.Ad?.PriceMicros}"));

    private static RankRequest Request(string user) => new(new(user), "home", 20, [ItemKind.Content, ItemKind.Ad], null, false, TinyShop.End);
}

using Recs.Domain;
using Recs.Domain.Events;
using Recs.Pipelines.Policy;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Ranker.Slates;
using Recs.Tests;

namespace Recs.Pipelines.Tests.Policy;

public sealed class PolicyFileTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public void Read_BundledFile_IsTheDefaultPolicyAndNamesEverySetting()
    {
        var file = Path.Combine(Requirements.Root, "pipelines", "policy.yaml");
        Assert.Equal(new SlatePolicy().Version, PolicyFile.Read(file).Version);
        var text = File.ReadAllText(file);
        Assert.All(PolicySettings.All, setting => Assert.Contains($" {setting.Name.Split('.')[1]}: ", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Read_Settings_AreTakenAndDiffed()
    {
        var policy = Read("version: 1", "value: { weights: { click: 1, hide: -20.5 }, freshness: 0.5 }", "ads: { share: 0.25, pacing_curve: [0,0,0,0,0,0,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1] }");
        Assert.Equal((1, -20.5, 0.5, 0.25, 24), (policy.Weights[InteractionType.Click], policy.Weights[InteractionType.Hide], policy.Freshness, policy.AdShare, policy.PacingCurve.Count));
        var changes = new SlatePolicy().Difference(policy);
        Assert.Equal(28, changes.Count);
        Assert.Contains("ads.share: 0.2 → 0.25", changes);
        Assert.Contains("value.weights.hide: (none) → -20.5", changes);
        Assert.NotEqual(new SlatePolicy().Version, policy.Version);
    }

    /// <summary>Every fault is one line with its place.</summary>
    [Theory]
    [InlineData(":2: a policy has no section 'ad'; nearest: ads", "version: 1", "ad: { share: 0.1 }")]
    [InlineData(":3: a policy has no setting 'ads.shares'; nearest: ads.share", "version: 1", "ads:", "  shares: 0.1")]
    [InlineData(":3: slate policy: ads.share is 1.5, range 0 to 1", "version: 1", "ads:", "  share: 1.5")]
    [InlineData(":2: slate policy: feed.per_author is 1.5, expected a whole number from 0 to 1000", "version: 1", "feed: { per_author: 1.5 }")]
    [InlineData(":2: ads.share must be a number", "version: 1", "ads: { share: half }")]
    [InlineData(":2: ads.share must be a number", "version: 1", "ads: { share: .nan }")]
    [InlineData(":2: sources.content must be a number", "version: 1", "sources: { content: 1e300 }")]
    [InlineData(":2: value.weights names 'purchase'", "version: 1", "value: { weights: { purchase: 1 } }")]
    [InlineData(":2: slate policy: value.weights.click is 100000", "version: 1", "value: { weights: { click: 100000 } }")]
    [InlineData(":2: slate policy: ads.pacing_curve has 3 numbers", "version: 1", "ads: { pacing_curve: [1, 2, 3] }")]
    [InlineData(":1: the policy is of version 2, this build reads 1", "version: 2")]
    [InlineData(":1: the policy has no version", "ads: { share: 0.1 }")]
    public void Read_Faulty_IsRefusedWithItsPlace(string message, params string[] lines) =>
        Assert.Contains("p.yaml" + message, Assert.Throws<RefusedException>(() => Read(lines)).Message, StringComparison.Ordinal);

    /// <summary>Whatever stands in the file, it is a policy within its ranges or one refusal.</summary>
    [Fact]
    public void Read_ThreeThousandRandomFiles_NeverFailsOtherwise()
    {
        var random = new Random(7);
        var bundled = File.ReadAllText(Path.Combine(Requirements.Root, "pipelines", "policy.yaml"));
        string[] pieces = ["version: 1\n", "ads:\n", "  share: ", "0.5", "-1", "[", "]", "{", "}", ":", " ", "\n", "\t", "&a", "*a", "!!", "|", ">", "'", "\"", "weights", "click", "1e999", "nan", "null", "#", "---", "...", "é", "\0"];
        var accepted = 0;
        for (var round = 0; round < 3_000; round++)
        {
            var text = random.Next(3) == 0 ? string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)])) : Mutated(bundled, random, pieces);
            try
            {
                PolicyFile.Read(_folder.Write("p.yaml", text)).Validate();
                accepted++;
            }
            catch (RefusedException refused)
            {
                Assert.Contains("p.yaml", refused.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', refused.Message);
            }
        }
        Assert.InRange(accepted, 50, 2_950); // both ways are walked
    }

    private static string Mutated(string text, Random random, string[] pieces)
    {
        for (var change = 0; change < 2; change++)
        {
            var (at, cut) = (random.Next(text.Length), random.Next(12));
            text = string.Concat(text.AsSpan(0, at), random.Next(2) == 0 ? "" : pieces[random.Next(pieces.Length)], text.AsSpan(Math.Min(text.Length, at + cut)));
        }
        return text;
    }

    private SlatePolicy Read(params string[] lines) => PolicyFile.Read(_folder.Write("p.yaml", string.Join('\n', lines)));

    public void Dispose() => _folder.Dispose();
}

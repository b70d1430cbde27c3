using System.Globalization;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Tests;
using YamlDotNet.RepresentationModel;

namespace Recs.Pipelines.Tests.Score;

/// <summary>The examples under deploy/ call the command line as it is.</summary>
[Collection(nameof(ConsoleTests))]
public sealed class DeployTests
{
    [Fact]
    public async Task KubernetesJob_Arguments_AreThoseOfScore()
    {
        var yaml = new YamlStream();
        using (var text = File.OpenText(Path.Combine(Requirements.Root, "deploy", "kubernetes", "score-job.yaml"))) yaml.Load(text);
        var job = yaml.Documents[0].RootNode["spec"];
        Assert.Equal("Indexed", job["completionMode"].ToString());
        var container = job["template"]["spec"]["containers"][0];
        var completions = int.Parse(job["completions"].ToString(), CultureInfo.InvariantCulture);
        string[] arguments = [.. ((YamlSequenceNode)container["args"]).Select(argument => argument.ToString())];
        Assert.Contains($"--shard=$({container["env"][0]["name"]})/{completions}", arguments);
        Assert.Equal("metadata.annotations['batch.kubernetes.io/job-completion-index']", container["env"][0]["valueFrom"]["fieldRef"]["fieldPath"].ToString());
        // The first and the last pod get as far as the model, which is not here: wrong usage would be exit code 2.
        foreach (var index in (int[])[0, completions - 1])
            Assert.Contains("/data/model is no model folder", await RecsProgram.Fail(1, [.. arguments.Select(argument => argument.Replace("$(SHARD)", index.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal))]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SparkExample_Arguments_AreThoseOfScore()
    {
        var script = await File.ReadAllTextAsync(Path.Combine(Requirements.Root, "deploy", "spark", "score_with_recs.py"), TestContext.Current.CancellationToken);
        Assert.Contains("""[recs, "score", "--model", model, "-"]""", script, StringComparison.Ordinal);
        Assert.Contains("is no model folder", await RecsProgram.Fail(1, "score", "--model", Path.Combine(Requirements.Root, "deploy"), "-"), StringComparison.Ordinal);
    }
}

using Recs.Domain;
using YamlDotNet.RepresentationModel;

namespace Recs.Pipelines.Run;

/// <summary>
/// Reads a pipeline: <c>name</c>, optional <c>variables</c>, and <c>jobs</c>, each <c>{ name?, run: VERB, with: { option: value } }</c>.
/// </summary>
internal static class PipelineFile
{
    /// <param name="file">A YAML file.</param>
    /// <param name="given">Values of variables from outside.</param>
    /// <exception cref="RefusedException">Anything is wrong, with file and line.</exception>
    public static Pipeline Read(string file, IReadOnlyDictionary<string, string> given)
    {
        var place = new YamlPlace(file);
        var root = place.Load();
        var entries = place.Entries(root, "a pipeline", "name", "variables", "jobs").ToDictionary(entry => entry.Key, entry => entry.Value);
        var variables = new PipelineVariables(place);
        if (entries.TryGetValue("variables", out var declared))
            foreach (var (name, value, line) in place.Entries(declared, "variables")) variables.Declare(name, place.Text(value, $"variable {name}"), line, given);
        variables.RefuseUnknown(file, given.Keys);
        if (!entries.TryGetValue("name", out var named)) throw place.Refuse(root, "the pipeline has no name");
        if (!entries.TryGetValue("jobs", out var jobs)) throw place.Refuse(root, "the pipeline has no jobs");
        return new(file, place.Text(named, "name"), [.. place.List(jobs, "jobs").Select(job => Job(place, variables, job))]);
    }

    private static PipelineJob Job(YamlPlace place, PipelineVariables variables, YamlNode node)
    {
        var entries = place.Entries(node, "a job", "name", "run", "with").ToDictionary(entry => entry.Key, entry => entry.Value);
        if (!entries.TryGetValue("run", out var run)) throw place.Refuse(node, "the job does not say what to run");
        var verb = place.Text(run, "run");
        var options = entries.TryGetValue("with", out var with)
            ? place.Entries(with, "with").Select(entry => new PipelineOption(entry.Key, Values(place, variables, entry.Key, entry.Value), entry.Line)).ToList()
            : [];
        return new(entries.TryGetValue("name", out var name) ? place.Text(name, "name") : verb, verb, (int)run.Start.Line, options);
    }

    private static IReadOnlyList<string> Values(YamlPlace place, PipelineVariables variables, string option, YamlNode node)
    {
        IReadOnlyList<YamlNode> nodes = node is YamlSequenceNode ? place.List(node, option) : [node];
        return [.. nodes.Select(value => variables.Fill(place.Text(value, option), (int)value.Start.Line))];
    }
}

namespace Recs.Pipelines.Run;

/// <summary>A pipeline as its file says it, variables filled in.</summary>
/// <param name="File">Its path, for messages.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Jobs">At least one, in order.</param>
internal sealed record Pipeline(string File, string Name, IReadOnlyList<PipelineJob> Jobs);

/// <summary>One job.</summary>
/// <param name="Name">The verb where no other name is given.</param>
/// <param name="Verb">Of the command line, such as "score" or "dlq list".</param>
/// <param name="Line">Where it begins in the file.</param>
/// <param name="Options">In the file's order.</param>
internal sealed record PipelineJob(string Name, string Verb, int Line, IReadOnlyList<PipelineOption> Options);

/// <summary>One entry of <c>with</c>.</summary>
/// <param name="Name">An option without its dashes, or an argument.</param>
/// <param name="Values">One, or several where the option may be repeated.</param>
/// <param name="Line">Where it stands in the file.</param>
internal sealed record PipelineOption(string Name, IReadOnlyList<string> Values, int Line);

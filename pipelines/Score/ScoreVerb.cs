using System.CommandLine;
using System.Text.Json.Serialization;
using Recs.Domain;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Score.Files;
using Recs.Ranker.Model;

namespace Recs.Pipelines.Score;

/// <summary><c>recs score</c>: from feature rows to the scores of every head, in files, folders or a pipe; or ranked for each user.</summary>
internal static class ScoreVerb
{
    private const string Pipe = "-";

    public static Command Create()
    {
        var filter = new Argument<string?>("stream") { Description = "- : Arrow IPC stream from standard input to standard output.", HelpName = Pipe, Arity = ArgumentArity.ZeroOrOne };
        var model = Verb.ModelOption();
        var input = new Option<string?>("--input") { Description = "Feature rows: .parquet or .arrow, a folder of them, or - for an Arrow stream.", HelpName = "FILE|FOLDER|-" };
        var output = new Option<string?>("--output") { Description = "Scores, in the row order of the input: .parquet or .arrow, a folder, or - for an Arrow stream.", HelpName = "FILE|FOLDER|-" };
        var shard = new Option<string?>("--shard") { Description = "Only part I of N, from 0, by row group or record batch; of a folder to files named so.", HelpName = "I/N" };
        var rank = new Option<bool>("--rank") { Description = "Order each user's rows by the first head, as recs load reads them; Parquet only." };
        var workers = new Option<int>("--threads") { Description = "Threads, 1 to 1,024.", HelpName = "N", DefaultValueFactory = _ => Environment.ProcessorCount };
        var json = Verb.JsonOption();
        workers.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 1_024) result.AddError("--threads: range 1 to 1,024");
        });
        var command = Verb.Create("score", "Scores feature rows with a model: columns are matched by name, user and item pass through, every head becomes a column.", [model, input, output, shard, rank, workers, json], async (parsed, cancel) =>
        {
            var isFilter = parsed.GetValue(filter) is not null;
            var (from, to) = (isFilter ? Pipe : parsed.GetValue(input)!, isFilter ? Pipe : parsed.GetValue(output)!);
            var part = Shard.Parse(parsed.GetValue(shard));
            var ranker = RankerModel.Load(parsed.GetValue(model)!);
            if (parsed.GetValue(rank) && (from == Pipe || to == Pipe || !part.IsWhole)) throw new RefusedException("--rank needs all rows of a user in one file: it goes with neither - nor --shard");
            // What is scored goes out alone where it goes to standard output.
            var board = new StageBoard(to == Pipe ? Terminal.OpenError() : Terminal.Open(), TimeProvider.System);
            var result = await board.Run("score", "scoring", progress => Task.FromResult(Run(progress)));
            Verb.WriteJson(parsed.GetValue(json), result, ScoreJson.Default.ScoreResult);
            return 0;

            (string, ScoreResult) Run(IProgress<double> progress)
            {
                var (rows, files, done) = parsed.GetValue(rank) ? (RankedScores.Write(ranker, from, to), 1, 0) : Score(ScorePlan.Of(ranker), from, to, part, parsed.GetValue(workers), progress.Report, cancel);
                var text = $"{rows:N0} rows{(done > 0 ? $", {done} files were there already" : "")}, model {ranker.Version}, embedding {ranker.EmbeddingVersion}";
                return (text, new(rows, files, done, ranker.Version, ranker.EmbeddingVersion));
            }
        });
        command.Arguments.Add(filter);
        command.Validators.Add(parsed =>
        {
            var alone = parsed.GetValue(filter);
            if (alone is not (null or Pipe)) parsed.AddError($"'{alone}': only - may stand alone; use --input and --output");
            else if (alone is not null && (parsed.GetValue(input) ?? parsed.GetValue(output)) is not null) parsed.AddError("- is input and output at once: leave --input and --output out");
            else if (alone is null && (parsed.GetValue(input) is null || parsed.GetValue(output) is null)) parsed.AddError("--input and --output are needed, or - alone");
        });
        return command;
    }

    private static (long Rows, int Files, int Done) Score(ScorePlan plan, string from, string to, Shard shard, int workers, Action<double> share, CancellationToken cancel)
    {
        if (from != Pipe && Directory.Exists(from))
            return to == Pipe ? throw new RefusedException("a folder of inputs needs a folder for an output") : new ScoreFolder(plan, shard, workers).Run(from, to, share, cancel);
        if (from == Pipe && !shard.IsWhole) throw new RefusedException("--shard needs a file: a stream does not say where its parts are");
        if (from != Pipe && to != Pipe && Path.GetFullPath(from) == Path.GetFullPath(to)) throw new RefusedException($"{to} is the input");
        var origin = from == Pipe ? ScoreOrigin.Pipe : ScoreOrigin.Of(from);
        using var input = from == Pipe ? ArrowRows.Of(Console.OpenStandardInput(), plan) : RowFile.Open(from, plan);
        if (!shard.IsWhole && input.PartCount is null) throw new RefusedException($"{from} is an Arrow stream, which does not say where its batches are: write it in the file form for --shard");
        using var sink = to == Pipe ? new ArrowScores(Console.OpenStandardOutput(), plan, input.Keys, origin) : ScoreSink.Create(to, plan, input.Keys, origin);
        var rows = new ScoreRun(plan, workers).Score(input, sink, part => shard.Holds(part), share, cancel);
        if (from != Pipe) origin.RequireUnchanged(from);
        sink.Finish();
        return (rows, 1, 0);
    }
}

/// <summary>What <c>recs score --json</c> writes.</summary>
/// <param name="Rows">Scored by this run.</param>
/// <param name="Files">Scored by this run.</param>
/// <param name="Done">Files found done.</param>
/// <param name="ModelVersion">Of the model.</param>
/// <param name="EmbeddingVersion">Of the model.</param>
internal sealed record ScoreResult(long Rows, int Files, int Done, string ModelVersion, string EmbeddingVersion);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ScoreResult))]
internal sealed partial class ScoreJson : JsonSerializerContext;

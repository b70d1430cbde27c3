using ParquetSharp;
using Recs.Domain;
using Recs.Pipelines.Score.Files;

namespace Recs.Pipelines.Score;

/// <summary>
/// A folder of inputs, each to an output of the same name. An output that this model made from this input (see <see cref="ScoreOrigin"/>) is left as it is: a run that was
/// killed goes on where it was. Inputs are hashed for it, but not for shards, each of which would read all of a file for its part: their copied inputs are scored again.
/// </summary>
internal sealed class ScoreFolder(ScorePlan plan, Shard shard, int workers)
{
    private static readonly string[] Extensions = [".parquet", ".arrow", ".feather", ".ipc"];

    /// <param name="input">The folder to read.</param>
    /// <param name="output">The folder to write; made when it is not there.</param>
    /// <param name="share">Told the share of the files done, 0 to 1.</param>
    /// <param name="cancel">Ends it between parts.</param>
    /// <returns>Rows scored, and files scored and found done.</returns>
    /// <exception cref="RefusedException">There is nothing to score, or a file is refused.</exception>
    public (long Rows, int Scored, int Done) Run(string input, string output, Action<double> share, CancellationToken cancel)
    {
        if (File.Exists(output)) throw new RefusedException($"{output} is a file; a folder of inputs needs a folder for an output");
        if (Path.GetFullPath(output) == Path.GetFullPath(input)) throw new RefusedException($"{output} is the input: outputs would take the names of the inputs");
        var files = Directory.EnumerateFiles(input).Where(file => Extensions.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal).ToList();
        if (files.Count == 0) throw new RefusedException($"{input} holds no {string.Join(", ", Extensions)}");
        Directory.CreateDirectory(output);
        var (rows, scored, done, part) = (0L, 0, 0, 0L);
        var run = new ScoreRun(plan, workers);
        foreach (var (name, at) in files.Select((name, at) => (name, at)))
        {
            cancel.ThrowIfCancellationRequested();
            var origin = ScoreOrigin.Of(name);
            using var file = RowFile.Open(name, plan);
            var parts = file.PartCount ?? (shard.IsWhole ? 1 : throw new RefusedException($"{name} is an Arrow stream, which does not say where its batches are: write it in the file form for --shard"));
            var first = part;
            part += parts;
            origin = origin with { Before = (int)(first % shard.Count) };
            if (!shard.IsWhole && !Enumerable.Range(0, parts).Any(number => shard.Holds(first + number))) continue;
            var target = Path.Combine(output, shard.Name(Path.GetFileName(name)));
            if (IsDone(target, origin, name))
            {
                done++;
                continue;
            }
            if (shard.IsWhole) origin = origin.WithContent(name, workers);
            using var sink = ScoreSink.Create(target, plan, file.Keys, origin);
            rows += run.Score(file, sink, number => shard.Holds(first + number), portion => share((at + portion) / files.Count), cancel);
            origin.RequireUnchanged(name);
            sink.Finish();
            scored++;
        }
        return (rows, scored, done);
    }

    /// <summary>A file under its final name is whole; whether it is of this model and input stands in its metadata.</summary>
    private bool IsDone(string output, ScoreOrigin origin, string input)
    {
        if (!File.Exists(output)) return false;
        var metadata = ReadMetadata(output);
        return metadata?.GetValueOrDefault(ScorePlan.ModelKey) == plan.ModelVersion && origin.IsOf(metadata, input, workers);
    }

    /// <returns>Null for a file that cannot be read: it is made anew.</returns>
    private static Dictionary<string, string>? ReadMetadata(string path)
    {
        try
        {
            if (path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase))
            {
                using var parquet = new ParquetFileReader(path);
                return new(parquet.FileMetaData.KeyValueMetadata);
            }
            using var stream = File.OpenRead(path);
            using var arrow = new Apache.Arrow.Ipc.ArrowFileReader(stream, leaveOpen: true);
            return arrow.Schema.Metadata is { } metadata ? new(metadata) : null;
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            return null;
        }
    }
}

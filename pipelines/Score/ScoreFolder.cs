using System.Globalization;
using ParquetSharp;
using Recs.Domain;
using Recs.Pipelines.Score.Files;

namespace Recs.Pipelines.Score;

/// <summary>
/// A folder of inputs, each to an output of the same name. An output that this model made from this input (by name and size) is left as it is: a run that was
/// killed goes on where it was.
/// </summary>
internal sealed class ScoreFolder(ScorePlan plan, Shard shard, int workers)
{
    private static readonly string[] Extensions = [".parquet", ".arrow", ".feather", ".ipc"];

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
        for (var at = 0; at < files.Count; at++)
        {
            cancel.ThrowIfCancellationRequested();
            using var file = RowFile.Open(files[at], plan);
            var parts = file.PartCount ?? (shard.IsWhole ? 1 : throw new RefusedException($"{files[at]} is an Arrow stream, which does not say where its batches are: write it in the file form for --shard"));
            var first = part;
            part += parts;
            if (!shard.IsWhole && !Enumerable.Range(0, parts).Any(number => shard.Holds(first + number))) continue;
            var target = Path.Combine(output, shard.Name(Path.GetFileName(files[at])));
            var origin = Origin(files[at]);
            if (IsDone(target, origin))
            {
                done++;
                continue;
            }
            using var sink = ScoreSink.Create(target, plan, file.Keys, origin);
            rows += run.Score(file, sink, number => shard.Holds(first + number), _ => { }, cancel);
            sink.Finish();
            scored++;
            share((at + 1.0) / files.Count);
        }
        return (rows, scored, done);
    }

    /// <summary>What an output says of its input.</summary>
    public static string Origin(string input) => string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(input)} {new FileInfo(input).Length}");

    /// <summary>A file under its final name is whole; whether it is of this model and input stands in its metadata.</summary>
    private bool IsDone(string output, string origin)
    {
        if (!File.Exists(output)) return false;
        var metadata = ReadMetadata(output);
        return metadata?.GetValueOrDefault(ScorePlan.ModelKey) == plan.ModelVersion && metadata.GetValueOrDefault(ScorePlan.InputKey) == origin;
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
